/** Whole queries: SELECT, FROM, WHERE, LIMIT, aggregates, over JSON and CSV. */
import test from "ava";
import { errorOf, resultsOf, runSelect } from "./support.ts";

const CSV = { input: { CSV: { FileHeaderInfo: "USE" } } };
const DOCUMENT = { input: { JSON: { Type: "DOCUMENT" } } };
const PEOPLE = "Name,age,city\nAnn,30,Oslo\nBob,9,Rome\nEve,100,\n";

test("columns are named by the header in any case, in quotation marks exactly, or by their place", async (t) => {
  t.deepEqual(await resultsOf(`SELECT NAME, s."Name", s._2 FROM S3Object s WHERE s.city = 'Oslo'`, PEOPLE, CSV), [
    '{"NAME":"Ann","Name":"Ann","_2":"30"}',
  ]);
  t.is(await errorOf(`SELECT "name" FROM S3Object`, PEOPLE, CSV), "MissingHeaders");
  t.is(await errorOf("SELECT nothing FROM S3Object", PEOPLE, CSV), "MissingHeaders");
  t.is(await errorOf("SELECT _0 FROM S3Object", PEOPLE, CSV), "InvalidColumnIndex");
  t.is(await errorOf("SELECT x FROM S3Object", "x,X\n1,2\n", CSV), "AmbiguousFieldName");
  t.deepEqual(await resultsOf(`SELECT "X" FROM S3Object`, "x,X\n1,2\n", CSV), ['{"X":"2"}']);
});

test("a column that is not there in one record is MISSING there", async (t) => {
  const results = await resultsOf("SELECT _1, _3 FROM S3Object", "a,b,c\nd,e\n", { input: { CSV: {} } });
  t.deepEqual(results, ['{"_1":"a","_3":"c"}', '{"_1":"d"}']);
  const csv = await resultsOf("SELECT _1, _3 FROM S3Object", "a,b,c\nd,e\n", {
    input: { CSV: {} },
    output: { CSV: {} },
  });
  t.deepEqual(csv, ["a,c", "d,"]);
});

test("a column of CSV is read as a number where it meets one, and as a text where it meets a text", async (t) => {
  const names = async (where: string) =>
    (await resultsOf(`SELECT Name FROM S3Object WHERE ${where}`, PEOPLE, { ...CSV, output: { CSV: {} } })).join(" ");
  t.is(await names("age > 20"), "Ann Eve");
  t.is(await names("20 < age"), "Ann Eve");
  t.is(await names("age > '20'"), "Ann Bob");
  t.is(await names("age BETWEEN 9 AND 30"), "Ann Bob");
  t.is(await names("age IN (9, 100)"), "Bob Eve");
  t.is(await names("age + 1 = 10"), "Bob");
  t.is(await names("city > 5"), "", "what is no number is unknown");
  t.is(await names("CAST(age AS INT) % 2 = 0"), "Ann Eve");
  t.is(await errorOf("SELECT city + 1 FROM S3Object", PEOPLE, CSV), "CastFailed");
  t.is(await errorOf("SELECT CAST(city AS INT) FROM S3Object", PEOPLE, CSV), "CastFailed");
});

test("results are named by aliases, by the path's last name, or by their place", async (t) => {
  const [result] = await resultsOf(
    `SELECT s.a.b, s.l[0], 1 + 1, UPPER(s.x) AS up, s.x "Quoted" FROM S3Object s`,
    '{"a":{"b":1},"l":[2],"x":"y"}',
  );
  t.is(result, '{"b":1,"_2":2,"_3":2,"up":"Y","Quoted":"y"}');
});

test("* gives rows as they are, and alias.* beside others", async (t) => {
  t.deepEqual(await resultsOf("select * from s3object;", '{"b":1,"a":[{}],"1":null}'), ['{"b":1,"a":[{}],"1":null}']);
  t.deepEqual(await resultsOf("SELECT s.*, s.a + 1 AS n FROM S3Object AS s", '{"a":1}'), ['{"a":1,"n":2}']);
  t.deepEqual(await resultsOf("SELECT s.a.* FROM S3Object s", '{"a":{"x":1,"y":2}}'), ['{"x":1,"y":2}']);
  t.deepEqual(await resultsOf("SELECT * FROM S3Object", "5\n[1]\nnull\n"), ['{"_1":5}', '{"_1":[1]}', "{}"]);
  t.is(await errorOf("SELECT *, 1 FROM S3Object"), "ParseAsteriskIsNotAloneInSelectList");
  t.is(await errorOf("SELECT 1, * FROM S3Object"), "ParseAsteriskIsNotAloneInSelectList");
});

test("the reference's first example: a wildcard that finds nothing gives an empty record", async (t) => {
  const data =
    '{ "Rules": [ {"id": "1"}, {"expr": "y > x"}, {"id": "2", "expr": "z = DEBUG"} ]}\n{ "created": "June 27", "modified": "July 6" }';
  const sql = "SELECT id FROM S3Object[*].Rules[*].id";
  t.deepEqual(await resultsOf(sql, data), ['{"id":"1"}', "{}", '{"id":"2"}', "{}"]);
  t.deepEqual(await resultsOf(`${sql} WHERE id IS NOT MISSING`, data), ['{"id":"1"}', '{"id":"2"}']);
});

test("the reference's second example: rows go by an alias or by _1", async (t) => {
  const data =
    '{ "dir_name": "important_docs", "files": [ { "name": "." }, { "name": ".." } ], "owner": "Amazon S3" }\n{ "dir_name": "other_docs", "files": [], "owner": "User" }';
  t.deepEqual(await resultsOf("SELECT d.dir_name, d.files FROM S3Object[*] d", data), [
    '{"dir_name":"important_docs","files":[{"name":"."},{"name":".."}]}',
    '{"dir_name":"other_docs","files":[]}',
  ]);
  t.deepEqual(await resultsOf("SELECT _1.dir_name, _1.owner FROM S3Object[*]", data), [
    '{"dir_name":"important_docs","owner":"Amazon S3"}',
    '{"dir_name":"other_docs","owner":"User"}',
  ]);
});

test("FROM leads into a document by names, places, elements and members", async (t) => {
  const data = '{"a":{"b":[{"x":1},{"x":2}]},"m":{"p":{"x":3},"q":{"x":4}}}';
  const rows = (from: string) => resultsOf(`SELECT r.x FROM ${from} r`, data, DOCUMENT);
  t.deepEqual(await rows("S3Object[*].a.b[*]"), ['{"x":1}', '{"x":2}']);
  t.deepEqual(await rows("S3Object[*].a.b[1]"), ['{"x":2}']);
  t.deepEqual(await rows("S3Object[*].m.*"), ['{"x":3}', '{"x":4}']);
  t.deepEqual(await rows("S3Object[*]['a'].B[0]"), ['{"x":1}']);
  t.deepEqual(await resultsOf("SELECT x FROM S3Object[*][*] r WHERE r.x > 1", '[{"x":1},{"x":2}]', DOCUMENT), [
    '{"x":2}',
  ]);
  t.is(await errorOf("SELECT * FROM S3Object.a", data), "ParseInvalidPathComponent");
  t.is(await errorOf("SELECT * FROM S3Object[*].a", "a\n", { input: { CSV: {} } }), "InvalidKeyPath");
});

test("WHERE takes rows for which it is true alone", async (t) => {
  const data = '{"a":1}\n{"a":null}\n{}\n{"a":"1"}\n{"a":true}\n';
  t.deepEqual(await resultsOf("SELECT * FROM S3Object WHERE a = 1", data), ['{"a":1}']);
  t.deepEqual(await resultsOf("SELECT * FROM S3Object WHERE a", data), ['{"a":true}']);
  t.deepEqual(await resultsOf("SELECT * FROM S3Object s WHERE s.a IS NULL", data), ['{"a":null}', "{}"]);
  t.deepEqual(await resultsOf("SELECT * FROM S3Object s WHERE s.a IS MISSING", data), ["{}"]);
});

test("LIMIT ends a query when it has enough", async (t) => {
  const data = '{"a":1}\n{"a":2}\n{"a":3}\nthis is no JSON\n';
  // In chunks of its own the last line is never read.
  const options = { chunkBytes: 8 };
  t.deepEqual(await resultsOf("SELECT a FROM S3Object LIMIT 2", data, options), ['{"a":1}', '{"a":2}']);
  t.deepEqual(await resultsOf("SELECT a FROM S3Object LIMIT 0", data, options), []);
  t.is(await errorOf("SELECT a FROM S3Object LIMIT 4", data, options), "JSONParsingError");
  t.is(await errorOf("SELECT a FROM S3Object LIMIT -1", data), "EvaluatorNegativeLimit");
  t.is(await errorOf("SELECT a FROM S3Object LIMIT x", data), "ParseExpectedNumber");
});

test("aggregates pass over NULL and MISSING and give one result", async (t) => {
  const data = '{"a":1,"f":0.5}\n{"a":2}\n{"a":null,"f":1.25}\n{}\n';
  const one = async (select: string, where = "") =>
    (await resultsOf(`SELECT ${select} FROM S3Object ${where}`, data))[0];
  t.is(
    await one("COUNT(*), COUNT(a), SUM(a), AVG(a), MIN(a), MAX(a)"),
    '{"_1":4,"_2":2,"_3":3,"_4":1.5,"_5":1,"_6":2}',
  );
  t.is(await one("SUM(f), AVG(f)"), '{"_1":1.75,"_2":0.875}');
  t.is(await one("SUM(a) * 10 + COUNT(*) AS total"), '{"total":34}');
  t.is(await one("COUNT(*), SUM(a), MIN(a)", "WHERE a > 5"), '{"_1":0,"_2":null,"_3":null}');
  t.is(await one("SUM(CASE WHEN a = 1 THEN 100 ELSE 0 END)"), '{"_1":100}');
  t.is(await one("MAX(CAST(a AS FLOAT)), AVG(CAST(a AS FLOAT))"), '{"_1":2,"_2":1.5}');
  t.is(await errorOf("SELECT a, COUNT(*) FROM S3Object", data), "UnsupportedSqlStructure");
  t.is(await errorOf("SELECT SUM(COUNT(*)) FROM S3Object", data), "UnsupportedSqlOperation");
  t.is(await errorOf("SELECT a FROM S3Object WHERE COUNT(*) > 1", data), "UnsupportedSqlOperation");
  t.is(await errorOf("SELECT SUM(a) FROM S3Object", '{"a":"x"}'), "IllegalSqlFunctionArgument");
});

test("the reference's example of SUM over an inventory", async (t) => {
  const data =
    '"DOC-EXAMPLE-BUCKET","example-folder/","0"\n"DOC-EXAMPLE-BUCKET","example-folder/object1","2011267"\n"DOC-EXAMPLE-BUCKET","example-folder/object2","1570024"\n';
  const sql =
    "SELECT SUM(CAST(_3 as INT)) FROM s3object s WHERE _2 LIKE 'example-folder/%' AND _2 != 'example-folder/';";
  t.deepEqual(await resultsOf(sql, data, { input: { CSV: {} }, output: { CSV: {} } }), ["3581291"]);
});

test("a query that is wrong says what is wrong with it", async (t) => {
  const rows: readonly (readonly [sql: string, code: string])[] = [
    ["", "MissingRequiredParameter"],
    ["DELETE FROM S3Object", "ParseUnexpectedToken"],
    ["SELECT FROM S3Object", "ParseEmptySelect"],
    ["SELECT 1", "ParseSelectMissingFrom"],
    ["SELECT 1 FROM", "ParseUnexpectedTerm"],
    ["SELECT 1 FROM table1", "EvaluatorBindingDoesNotExist"],
    ["SELECT 1 FROM S3Object, S3Object", "MultipleDataSourcesUnsupported"],
    ["SELECT 1 FROM S3Object a JOIN S3Object b", "ParseMalformedJoin"],
    ["SELECT a FROM S3Object GROUP BY a", "ParseExpectedIdentForGroupName"],
    ["SELECT a FROM S3Object ORDER BY a", "UnsupportedSqlStructure"],
    ["SELECT DISTINCT a FROM S3Object", "UnsupportedSqlStructure"],
    ["SELECT a FROM S3Object WHERE", "ParseExpectedExpression"],
    ["SELECT a FROM S3Object s 5", "ParseUnexpectedTerm"],
    ["SELECT a AS select FROM S3Object", "ParseExpectedIdentForAlias"],
    ["SELECT s.cast FROM S3Object s", "ParseUnExpectedKeyword"],
    ["SELECT s. FROM S3Object s", "ParseUnExpectedKeyword"],
    ["SELECT s.5 FROM S3Object s", "ParseSelectMissingFrom"],
    ["SELECT s[x] FROM S3Object s", "ParseInvalidPathComponent"],
    ["SELECT (1 FROM S3Object", "ParseExpectedTokenType"],
    ["SELECT 1 + FROM S3Object", "ParseUnExpectedKeyword"],
    ["SELECT * 5 FROM S3Object", "ParseSelectMissingFrom"],
    ["SELECT = FROM S3Object", "ParseUnexpectedOperator"],
    ["SELECT 'a FROM S3Object", "LexerInvalidLiteral"],
    ["SELECT ? FROM S3Object", "LexerInvalidChar"],
    ["SELECT `x` FROM S3Object", "LexerInvalidIONLiteral"],
    ["SELECT 9223372036854775808 FROM S3Object", "NumberFormatError"],
    ["SELECT foo(1) FROM S3Object", "UnsupportedFunction"],
    ["SELECT UPPER() FROM S3Object", "EvaluatorInvalidArguments"],
    ["SELECT UPPER('a', 'b') FROM S3Object", "EvaluatorInvalidArguments"],
    ["SELECT SUBSTRING('a') FROM S3Object", "EvaluatorInvalidArguments"],
    ["SELECT UPPER 'a' FROM S3Object", "ParseExpectedLeftParenBuiltinFunctionCall"],
    ["SELECT UPPER('a' FROM S3Object", "ParseExpectedRightParenBuiltinFunctionCall"],
    ["SELECT CAST('1' AS) FROM S3Object", "ParseExpectedTypeName"],
    ["SELECT CAST('1' AS money) FROM S3Object", "InvalidDataType"],
    ["SELECT CAST('1', INT) FROM S3Object", "ParseCastArity"],
    ["SELECT CAST '1' AS INT FROM S3Object", "ParseExpectedLeftParenAfterCast"],
    ["SELECT CASE a END FROM S3Object", "ParseExpectedWhenClause"],
    ["SELECT CASE WHEN a THEN 1 FROM S3Object", "ParseExpectedKeyword"],
    ["SELECT SUM(*) FROM S3Object", "ParseUnsupportedCallWithStar"],
    ["SELECT SUM() FROM S3Object", "ParseNonUnaryAgregateFunctionCall"],
    ["SELECT SUM(1, 2) FROM S3Object", "ParseNonUnaryAgregateFunctionCall"],
    ["SELECT DATE_ADD(week, 1, `2010T`) FROM S3Object", "ParseExpectedDatePart"],
    ["SELECT EXTRACT(YEAR, `2010T`) FROM S3Object", "ParseExpectedKeyword"],
    ["SELECT 1 IN 2 FROM S3Object", "ParseExpectedLeftParenValueConstructor"],
    ["SELECT 1 IN (2 FROM S3Object", "ParseExpectedArgumentDelimiter"],
    ["SELECT 1 BETWEEN 2 OR 3 FROM S3Object", "ParseExpectedKeyword"],
    ["SELECT (SELECT 1) FROM S3Object", "ParseUnsupportedSelect"],
  ];
  for (const [sql, code] of rows) t.is(await errorOf(sql), code, sql);
});

test("a value that does not fit says so when it is met", async (t) => {
  const rows: readonly (readonly [expression: string, code: string])[] = [
    ["9223372036854775807 + 1", "IntegerOverflow"],
    ["1 / 0", "ExternalEvalException"],
    ["1.5 % 0", "ExternalEvalException"],
    ["'a' + 1", "IncorrectSqlFunctionArgumentType"],
    ["-'a'", "IncorrectSqlFunctionArgumentType"],
    ["CAST('' AS INT)", "CastFailed"],
    ["CAST('1.5' AS INT)", "CastFailed"],
    ["CAST('9223372036854775808' AS INT)", "CastFailed"],
    ["CAST('x' AS FLOAT)", "CastFailed"],
    ["CAST('x' AS DECIMAL)", "CastFailed"],
    ["CAST('yes' AS BOOL)", "CastFailed"],
    ["CAST('2010-02-30' AS TIMESTAMP)", "CastFailed"],
    ["CAST([1] AS STRING)", "CastFailed"],
    ["UPPER(1)", "IncorrectSqlFunctionArgumentType"],
    ["SUBSTRING('a', 1, -1)", "IllegalSqlFunctionArgument"],
    ["1 LIKE 'a'", "LikeInvalidInputs"],
    ["'a' LIKE 'a!' ESCAPE '!'", "EvaluatorLikePatternInvalidEscapeSequence"],
    ["'a' LIKE 'a!b' ESCAPE '!'", "EvaluatorLikePatternInvalidEscapeSequence"],
    ["'a' LIKE 'a' ESCAPE '!!'", "EvaluatorLikePatternInvalidEscapeSequence"],
    ["TO_TIMESTAMP('x')", "ValueParseFailure"],
    ["TO_TIMESTAMP('2010-13T')", "ValueParseFailure"],
    ["TO_TIMESTAMP('x', 'y')", "ValueParseFailure"],
    ["TO_TIMESTAMP('2010 01 01', 'y MM MM')", "EvaluatorTimestampFormatPatternDuplicateFields"],
    ["TO_TIMESTAMP('2010 1', 'y h')", "EvaluatorTimestampFormatPatternHourClockAmPmMismatch"],
    ["TO_TIMESTAMP('2010 J', 'y MMMMM')", "EvaluatorInvalidTimestampFormatPatternSymbolForParsing"],
    ["TO_TIMESTAMP('1', 'd')", "EvaluatorInvalidTimestampFormatPattern"],
    ["TO_STRING(`2010T`, 'G')", "EvaluatorInvalidTimestampFormatPatternSymbol"],
    ["TO_STRING(`2010T`, 'yyy')", "EvaluatorInvalidTimestampFormatPatternToken"],
    ["TO_STRING(`2010T`, 'y ''x')", "EvaluatorUnterminatedTimestampFormatPatternToken"],
    ["DATE_ADD(year, 9999, `2010T`)", "ExternalEvalException"],
    ["DATE_ADD(day, 99999999999999, `2010T`)", "ExternalEvalException"],
  ];
  for (const [expression, code] of rows) {
    t.is(await errorOf(`SELECT ${expression} FROM S3Object`), code, expression);
  }
});

test("an expression may be as long, and nested as deep, as the limits say", async (t) => {
  const padded = (bytes: number) => "SELECT 1 AS v FROM S3Object".padEnd(bytes, " ");
  t.deepEqual(await resultsOf(padded(256 * 1024), "{}"), ['{"v":1}']);
  t.is(await errorOf(padded(256 * 1024 + 1)), "ExpressionTooLong");
  const nested = (depth: number) => `SELECT ${"(".repeat(depth)}1${")".repeat(depth)} AS v FROM S3Object`;
  t.deepEqual(await resultsOf(nested(1_000), "{}"), ['{"v":1}']);
  t.is(await errorOf(nested(1_001)), "MaxOperatorsExceeded");
  t.deepEqual(await resultsOf(`SELECT ${"1+".repeat(1_000)}1 AS v FROM S3Object`, "{}"), ['{"v":1001}']);
  t.is(await errorOf(`SELECT ${"1+".repeat(1_001)}1 AS v FROM S3Object`), "MaxOperatorsExceeded");
  const list = Array.from({ length: 5_000 }, (_, at) => at).join(",");
  t.deepEqual(await resultsOf(`SELECT s.a FROM S3Object s WHERE s.a IN (${list})`, '{"a":4999}'), ['{"a":4999}']);
});

test("one value of a document may have more results than fit into memory together", async (t) => {
  const text = "x".repeat(100_000);
  const document = `[${Array.from({ length: 20_000 }, () => "1").join(",")}]`;
  const { events, closed } = await runSelect(`SELECT '${text}' AS a FROM S3Object[*][*]`, document, {
    ...DOCUMENT,
    eventsMax: 5,
  });
  t.deepEqual(events, ["Records", "Records", "Records", "Records", "Records"]);
  t.true(closed);
  const limited = await resultsOf("SELECT r FROM S3Object[*][*] r LIMIT 3", document, DOCUMENT);
  t.is(limited.length, 3);
});

test("nested operators take no longer than they are long", async (t) => {
  const nest = (times: number, wrap: (inner: string) => string): string =>
    Array.from({ length: times }).reduce<string>((inner) => wrap(inner), "s.a");
  const wraps: readonly ((inner: string) => string)[] = [
    (inner) => `(${inner} BETWEEN 0 AND 9)`,
    (inner) => `(${inner} IN (1, 2, 3))`,
    (inner) => `(CASE ${inner} WHEN 1 THEN 1 WHEN 2 THEN 2 ELSE 3 END)`,
    (inner) => `(${inner} = 1)`,
    (inner) => `(${inner} LIKE '%')`,
    (inner) => `COALESCE(${inner}, 1)`,
  ];
  for (const wrap of wraps) {
    const sql = `SELECT s.a FROM S3Object s WHERE ${nest(100, wrap)} IS NULL`;
    await t.notThrowsAsync(resultsOf(sql, '{"a":null}'), sql);
  }
});
