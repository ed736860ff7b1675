/** The report: a table of medians and ratios per case, then every target beside what was found. */
import type { CaseName } from "./case-names.ts";
import type { CaseResult, Figure, Verdict } from "./figures.ts";

const SIGNIFICANT_DIGITS = 3;

const number = (value: number): string => {
  if (Number.isNaN(value)) return "-";
  return value >= 100 ? String(Math.round(value)) : String(Number(value.toPrecision(SIGNIFICANT_DIGITS)));
};

const percent = (share: number): string => `${Math.round(share * 100)}%`;

/** Columns as wide as their widest cell; the first two read from the left, the rest are figures. */
const table = (rows: readonly (readonly string[])[], leftColumns: ReadonlySet<number>): string => {
  const widths = (rows[0] ?? []).map((_, column) => Math.max(...rows.map((row) => row[column]?.length ?? 0)));
  const cell = (text: string, column: number): string => {
    const width = widths[column] ?? 0;
    return leftColumns.has(column) ? text.padEnd(width) : text.padStart(width);
  };
  return rows.map((row) => `  ${row.map(cell).join("  ")}`.trimEnd()).join("\n");
};

const figureRow = ({ peer, quantity, median, spread, reference, ratio, note }: Figure): readonly string[] => [
  peer,
  quantity,
  number(median),
  percent(spread),
  ratio === undefined ? "" : `${number(ratio)} x ${reference ?? ""}`,
  note,
];

/** What one case found, as text. */
export const formatCase = (title: string, { figures, remarks }: CaseResult): string =>
  [
    title,
    ...(figures.length === 0
      ? []
      : [
          table(
            [["server", "quantity", "median", "spread", "cost", "note"], ...figures.map(figureRow)],
            new Set([0, 1, 4, 5]),
          ),
        ]),
    ...remarks.map((remark) => `  ${remark}`),
    "",
  ].join("\n");

const verdictRow = (verdict: Verdict): readonly string[] => [
  verdict.case,
  verdict.what,
  `${number(verdict.value)} ${verdict.unit}`.trimEnd(),
  `${verdict.sense} ${number(verdict.bound)} ${verdict.unit}`.trimEnd(),
  verdict.holds ? "holds" : "MISSED",
];

/** All targets, as text. */
export const formatVerdicts = (verdicts: readonly Verdict[]): string =>
  table([["case", "what", "found", "target", ""], ...verdicts.map(verdictRow)], new Set([0, 1, 3, 4]));

/** Everything, for programs. */
export const reportJson = (
  machine: Readonly<Record<string, unknown>>,
  results: ReadonlyMap<CaseName, CaseResult>,
): string => `${JSON.stringify({ machine, cases: Object.fromEntries(results) }, undefined, 2)}\n`;
