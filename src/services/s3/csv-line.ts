/** A line of a CSV file as S3 writes its reports: every value in quotes. */
export const csvLine = (values: readonly string[]): string =>
  `${values.map((value) => `"${value.replaceAll('"', '""')}"`).join(",")}\n`;
