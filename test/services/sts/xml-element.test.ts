import test from "ava";
import { readXmlElement, XML_DEPTH_MAX } from "../../../src/services/sts/xml-element.ts";

test("an element has its name and attributes without prefixes, its children and its own text", (t) => {
  const read = readXmlElement(
    '<?xml version="1.0"?><a:x xmlns:a="urn:a" a:n="1 &amp; 2">te<!-- c --><b/>xt &#x41;<![CDATA[<&]]></a:x>',
  );
  t.is(read.name, "x");
  t.is(read.attributes["n"], "1 & 2");
  t.deepEqual(read.children, [{ name: "b", attributes: {}, children: [], text: "" }]);
  t.is(read.text, "text A<&");
});

test("what is no single well-formed element is refused", (t) => {
  for (const xml of ["", "text", "<a>", "<a/><b/>", "<a/>junk", '<!DOCTYPE a [<!ENTITY e "x">]><a>&e;</a>']) {
    t.throws(() => readXmlElement(xml), undefined, xml);
  }
});

const nested = (depth: number): string => "<a>".repeat(depth) + "</a>".repeat(depth);

test("elements stand within each other up to the limit", (t) => {
  t.is(readXmlElement(nested(XML_DEPTH_MAX)).name, "a");
  t.throws(() => readXmlElement(nested(XML_DEPTH_MAX + 1)), { message: /more than 50/ });
  t.throws(() => readXmlElement(nested(20_000)));
});
