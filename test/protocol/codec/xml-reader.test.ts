import test from "ava";
import * as fc from "fast-check";
import { readXml, type XmlElement } from "../../../src/protocol/codec/xml-reader.ts";
import {
  XML_DEPTH_MAX,
  XML_ELEMENTS_MAX,
  XML_TAG_LENGTH_MAX,
  XmlSyntaxError,
} from "../../../src/protocol/codec/xml-syntax.ts";
import { escapeXml } from "../../../src/protocol/codec/xml-writer.ts";

const textOf = (document: string): string => readXml(document).root.text;
const nested = (depth: number): string => "<a>".repeat(depth) + "</a>".repeat(depth);
const leaf = (text: string): XmlElement => ({ text, attributes: {}, children: {} });

test("an element is read with its text, attributes and children, all without prefixes", (t) => {
  const document =
    '<?xml version="1.0" encoding="UTF-8"?>\n<x:Grant xmlns:x="urn:x"><x:To xsi:type="Group" id=\'7\'>all</x:To><By/><By>me</By></x:Grant>\n';
  const { name, root } = readXml(document);
  t.is(name, "Grant");
  t.deepEqual(root.children, {
    To: [{ text: "all", attributes: { type: "Group", id: "7" }, children: {} }],
    By: [leaf(""), leaf("me")],
  });
});

test("text is kept as it is: blanks, references, CDATA, around comments and instructions", (t) => {
  const texts = {
    "<a>  x\t\n </a>": "  x\t\n ",
    "<a>&lt;&gt;&amp;&quot;&apos;</a>": `<>&"'`,
    "<a>&#x0D;&#13;&#x1F600;&#128512;&#xFF21;</a>": "\r\r\u{1F600}\u{1F600}\uFF21",
    "<a>&amp;lt;&amp;#13;</a>": "&lt;&#13;",
    // Keys may have control characters; that is how they are written.
    "<a>&#x1;&#x0;&#31;&#x7f;&#xFFFF;</a>": "\u0001\u0000\u001F\u007F\uFFFF",
    // And some SDKs write them as they are.
    "<a>x\u0001\u0008\u001F\uFFFF</a>": "x\u0001\u0008\u001F\uFFFF",
    "<a><![CDATA[<b>&amp;</b>]]></a>": "<b>&amp;</b>",
    "<a>one<![CDATA[ & ]]>two</a>": "one & two",
    "<a>on<!-- <b> & -->e</a>": "one",
    "<a>on<?target <b> & ?>e</a>": "one",
    "<a ></a >": "",
    "<a/>": "",
    "<!-- before --><a>x</a><!-- after -->\n": "x",
    "\uFEFF<a>x</a>": "x",
    // A reader takes raw line ends for LF, whatever they are. https://www.w3.org/TR/xml/#sec-line-ends
    "<a>x\r\ny\rz</a>": "x\ny\nz",
  };
  for (const [document, text] of Object.entries(texts)) t.is(textOf(document), text, document);
});

test("what is no single well-formed element is refused", (t) => {
  const documents = [
    "",
    "   ",
    "text",
    "<a/>junk",
    "junk<a/>",
    "<a/>&amp;",
    "<a/><b/>",
    "<a/><a/>",
    "<a></a></a>",
    "<a/><![CDATA[x]]>",
    "<a>",
    "<a><b></a>",
    "<a><b></a></b>",
    "<a",
    "<a>x<y</a>",
    "<a x=1/>",
    "<a x/>",
    '<a x="1" x="2"/>',
    '<a x="<"/>',
    '<a x="1"y="2"/>',
    "<1a/>",
    "< a/>",
    "<></>",
    "<a>&nbsp;</a>",
    "<a>&undefined;</a>",
    "<a>x & y</a>",
    "<a>&amp</a>",
    "<a>&#xD800;</a>",
    "<a>&#x110000;</a>",
    "<a>&#;</a>",
    "<a>\0</a>",
    "<a><!-- no end </a>",
    "<a><![CDATA[ no end </a>",
    ' <?xml version="1.0"?><a/>',
  ];
  for (const document of documents) t.throws(() => readXml(document), { instanceOf: XmlSyntaxError }, document);
});

test("a document type is refused, so that no entity is ever expanded", (t) => {
  const bomb = `<!DOCTYPE a [<!ENTITY b "boom">${Array.from({ length: 9 }, (_, at) => `<!ENTITY b${at} "&b;&b;&b;">`).join("")}]><a>&b;</a>`;
  const documents = [
    bomb,
    "<!DOCTYPE a><a/>",
    "<!doctype a><a/>",
    '<!DOCTYPE a SYSTEM "file:///etc/passwd"><a/>',
    "<a><!ENTITY x 'y'></a>",
  ];
  for (const document of documents) t.throws(() => readXml(document), { instanceOf: XmlSyntaxError }, document);
  t.is(textOf("<a><!-- <!DOCTYPE a> -->x</a>"), "x");
});

test("depth, number of elements and length of a tag are limited", (t) => {
  t.is(readXml(nested(XML_DEPTH_MAX)).name, "a");
  t.throws(() => readXml(nested(XML_DEPTH_MAX + 1)), { instanceOf: XmlSyntaxError });
  t.throws(() => readXml("<a>".repeat(1_000_000)), { instanceOf: XmlSyntaxError });
  const wide = (elements: number): string => `<a>${"<b/>".repeat(elements - 1)}</a>`;
  t.is(readXml(wide(XML_ELEMENTS_MAX)).root.children["b"]?.length, XML_ELEMENTS_MAX - 1);
  t.throws(() => readXml(wide(XML_ELEMENTS_MAX + 1)), { instanceOf: XmlSyntaxError });
  const long = (length: number): string => `<a b="${"x".repeat(length - '<a b=""/>'.length)}"/>`;
  t.is(readXml(long(XML_TAG_LENGTH_MAX)).name, "a");
  t.throws(() => readXml(long(XML_TAG_LENGTH_MAX + 1)), { instanceOf: XmlSyntaxError });
});

test("elements with names of JavaScript's own are elements like others, but for one", (t) => {
  // The parser gives them another name, which no schema knows either.
  t.deepEqual(Object.keys(readXml("<a><toString>x</toString><b/></a>").root.children), ["__toString", "b"]);
  t.throws(() => readXml("<a><__proto__>x</__proto__></a>"), { instanceOf: XmlSyntaxError });
  t.throws(() => readXml('<a __proto__="x"/>'), { instanceOf: XmlSyntaxError });
});

const PIECES = [
  "&",
  "<",
  ">",
  '"',
  "'",
  "\r",
  "\n",
  "\t",
  " ",
  "]]>",
  "&#x0D;",
  "&amp;",
  "\u0000",
  "\u0001",
  "\u001F",
  "\u0085",
  "\uFFFE",
  "\u{1F600}",
];
/** Texts with whatever a key may hold. */
const text = fc.string({
  unit: fc.oneof(fc.constantFrom(...PIECES), fc.string({ unit: "grapheme", maxLength: 1 })),
  maxLength: 60,
});

test("every text comes back from its escaped form", (t) => {
  fc.assert(
    fc.property(text, (text) => {
      t.is(textOf(`<a>${escapeXml(text)}</a>`), text);
      t.is(
        readXml(`<a b="${escapeXml(text.replaceAll(/[\t\r\n]/g, ""))}"/>`).root.attributes["b"],
        text.replaceAll(/[\t\r\n]/g, ""),
      );
    }),
    { numRuns: 2_000 },
  );
});

test("bytes of all kinds give an element or a refusal, nothing else", (t) => {
  const piece = fc.constantFrom(
    "<a>",
    "</a>",
    "<b/>",
    "<",
    ">",
    "&amp;",
    "&",
    "x",
    '="',
    "'",
    "<!--",
    "-->",
    "<![CDATA[",
    "]]>",
    "<?",
    "?>",
    "<!",
    " ",
    "/",
  );
  fc.assert(
    fc.property(fc.array(piece, { maxLength: 14 }), (pieces) => {
      try {
        readXml(pieces.join(""));
      } catch (error) {
        if (!(error instanceof XmlSyntaxError)) throw error;
      }
    }),
    { numRuns: 5_000 },
  );
  t.pass();
});

const WORDS = ["Key", "Tag", "Rule", "a-b", "x.y", "_z", "\u00e9t\u00e9"];
const word = fc.constantFrom(...WORDS);
const blank = fc.constantFrom("", " ", "\n\t");

type Drawn = {
  readonly name: string;
  readonly attributes: Readonly<Record<string, string>>;
  readonly text: string;
  readonly children: readonly Drawn[];
};

const { tree } = fc.letrec<{ tree: Drawn }>((tie) => ({
  tree: fc.record({
    name: word,
    attributes: fc.dictionary(word, fc.constantFrom("", "v", "/", ">", "'", '"', "a=b", "&", "x/>"), { maxKeys: 3 }),
    text: fc.constantFrom("", " ", "text", "</", "]]>", "\r\n"),
    children: fc.oneof({ maxDepth: 4 }, fc.constant([]), fc.array(tie("tree"), { maxLength: 3 })),
  }),
}));

const written = ({ name, attributes, text, children }: Drawn, space: string): string => {
  const pairs = Object.entries(attributes).map(
    ([key, value]) => ` ${space}p:${key}${space}=${space}"${escapeXml(value)}"`,
  );
  const start = `<n:${name}${pairs.join("")}${space}`;
  if (text === "" && children.length === 0) return `${start}/>`;
  const content = children.map((child) => written(child, space)).join(`<!-- <${name}> -->`);
  return `${start}>${escapeXml(text)}${content}</n:${name}${space}>`;
};

const asElement = ({ attributes, text, children }: Drawn): XmlElement => {
  const byName: Record<string, XmlElement[]> = {};
  for (const child of children) (byName[child.name] ??= []).push(asElement(child));
  return { text, attributes: { ...attributes }, children: byName };
};

test("every tree comes back from its document, whatever stands between its parts", (t) => {
  fc.assert(
    fc.property(tree, blank, (drawn, space) => {
      const { name, root } = readXml(`<?xml version="1.0"?>${space}${written(drawn, space)}${space}`);
      t.is(name, drawn.name);
      t.deepEqual(root, asElement(drawn));
    }),
    { numRuns: 500 },
  );
});
