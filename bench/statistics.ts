/** The few statistics that the report uses. */

const ascending = (values: readonly number[]): number[] => values.toSorted((a, b) => a - b);

/** The middle value, or the mean of the two in the middle. NaN of nothing. */
export const medianOf = (values: readonly number[]): number => {
  const sorted = ascending(values);
  const middle = sorted.length / 2;
  if (Number.isInteger(middle)) return ((sorted[middle - 1] ?? NaN) + (sorted[middle] ?? NaN)) / 2;
  return sorted[Math.floor(middle)] ?? NaN;
};

/** How far the middle half of the values lies apart, as a share of the median. 0 below four values. */
export const spreadOf = (values: readonly number[]): number => {
  if (values.length < 4) return 0;
  const sorted = ascending(values);
  const quarter = Math.floor(sorted.length / 4);
  return ((sorted.at(-1 - quarter) ?? NaN) - (sorted[quarter] ?? NaN)) / medianOf(values);
};
