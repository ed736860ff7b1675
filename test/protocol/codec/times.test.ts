import test from "ava";
import { httpTime, isoSeconds, parseTime } from "../../../src/protocol/codec/times.ts";

const INSTANT_MS = Date.UTC(1994, 10, 6, 8, 49, 37);

test("every form of a time that clients send is read", (t) => {
  const texts = {
    "1994-11-06T08:49:37Z": 0,
    "1994-11-06T08:49:37.250Z": 250,
    "1994-11-06T08:49:37.250999Z": 250,
    "1994-11-06T08:49:37": 0,
    "1994-11-06T09:49:37+01:00": 0,
    "1994-11-06T09:49:37+0100": 0,
    "Sun, 06 Nov 1994 08:49:37 GMT": 0,
    "Sunday, 06-Nov-94 08:49:37 GMT": 0,
    "Sun, 06 Nov 1994 08:49:37": 0,
    "Sun Nov  6 08:49:37 1994": 0,
    "Sun, 06 Nov 1994 09:49:37 +0100": 0,
  };
  for (const [text, ms] of Object.entries(texts)) t.is(parseTime(text)?.getTime(), INSTANT_MS + ms, text);
  t.is(parseTime("1994-11-06")?.getTime(), Date.UTC(1994, 10, 6));
  t.is(parseTime("2024-02-29")?.getTime(), Date.UTC(2024, 1, 29));
});

test("what is no time is none", (t) => {
  const texts = [
    "",
    "now",
    "1994",
    "784111777",
    "1994-13-01",
    "2023-02-29",
    "2024-02-30T00:00:00Z",
    "2024-00-10",
    "1994-11-06T25:00:00Z",
    "1994-11-06 08:49:37",
    "Sun, 06 Xyz 1994 08:49:37 GMT",
    "Sun, 06 Nov 1994 25:49:37 GMT",
    "1994-11-06T08:49:37Z (comment)",
  ];
  for (const text of texts) t.is(parseTime(text), undefined, text);
});

test("headers and query services write whole seconds", (t) => {
  const time = new Date(INSTANT_MS + 999);
  t.is(httpTime(time), "Sun, 06 Nov 1994 08:49:37 GMT");
  t.is(isoSeconds(time), "1994-11-06T08:49:37Z");
});
