import test from "ava";
import { samlMetadataEndMs } from "../../../src/state/identities/saml-metadata.ts";

test("metadata end when they say, or after a century", (t) => {
  const metadata = (attributes: string): string =>
    `<?xml version="1.0"?><md:EntityDescriptor ${attributes}><x/></md:EntityDescriptor>\n`;
  t.is(samlMetadataEndMs(metadata('validUntil="2030-01-02T03:04:05Z"'), 0), Date.parse("2030-01-02T03:04:05Z"));
  t.is(samlMetadataEndMs(metadata(""), 0), Date.parse("2070-01-01T00:00:00Z"));
});

test("what describes no provider has no end, however often it begins to", (t) => {
  // Were each beginning searched to the end of the text for its own, this would take minutes.
  t.is(samlMetadataEndMs("<EntityDescriptor ".repeat(500_000), 0), undefined);
  t.is(samlMetadataEndMs("<EntityDescriptor <x></EntityDescriptor>", 0), undefined);
  t.is(samlMetadataEndMs("<EntityDescriptor>", 0), undefined);
});
