/**
 * How the operations of a service look on the wire, as data. `scripts/generate-model.ts` writes it from AWS's schemas; the
 * router and the codec compile it.
 */

/** `time iso`, `struct Tag`, `list TagSet`, `map Metadata`, `enum Payer`, `event SelectObjectContentEventStream`, and the plain kinds. */
export type WireType = string;

export type XmlTraits = {
  readonly name?: string;
  /** A list without an element around it. */
  readonly flat?: true;
  readonly attribute?: true;
  readonly namespace?: readonly [prefix: string, uri: string];
};

/** Where a member stands: `label`, `header NAME`, `prefix NAME`, `query NAME`, `payload`, `status`; empty: in the document. */
export type Binding = string;

export type MemberRow = readonly [name: string, type: WireType, binding?: Binding, xml?: XmlTraits];

export type StructureRow = {
  /** How many members, which come first, a client must give. */
  readonly required: number;
  /** Exactly one member is given. */
  readonly union?: true;
  readonly members: readonly MemberRow[];
  readonly xml?: XmlTraits;
};

export type ListRow = {
  readonly of: WireType;
  /** Name of the elements; `member` when absent. */
  readonly member?: string;
};

export type OperationRow = {
  readonly http: readonly [method: string, uri: string, status: number];
  readonly input: string;
  readonly output: string;
  /** The body must come with a checksum or a Content-MD5. */
  readonly checksumRequired?: true;
};

export type ServiceDescription<Name extends string = string> = {
  readonly protocol: "rest-xml" | "query";
  readonly operations: Readonly<Record<Name, OperationRow>>;
  readonly structures: Readonly<Record<string, StructureRow>>;
  readonly lists: Readonly<Record<string, ListRow>>;
  readonly maps: Readonly<Record<string, { readonly of: WireType }>>;
  /** Sets of words, sorted. */
  readonly enums: Readonly<Record<string, readonly string[]>>;
};
