/** Times as S3 shows them and compares them: it knows whole seconds only, in documents too (`2026-01-01T12:00:00.000Z`). */
const SECOND_MS = 1_000;

/** The whole second that an instant lies in. */
export const wholeSeconds = (timeMs: number): number => timeMs - (timeMs % SECOND_MS);

/** An instant as a member of an answer. */
export const shownTime = (timeMs: number): Date => new Date(wholeSeconds(timeMs));
