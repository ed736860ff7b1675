/** Posting to a webhook. */
import { WEBHOOK } from "../platform/limits.ts";

export type Posting = {
  /** http or https. */
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  /** JSON. */
  readonly body: string;
};

export type PostOutcome = {
  /** Why it failed, in words: no answer in time, none at all, or one that is not 2xx. Absent: it did not. */
  readonly error?: string;
  /** Whether there was no answer in time. */
  readonly hangs?: boolean;
};

/** Posts once; never throws. Redirects are not followed. */
export const postToWebhook = async ({ url, headers, body }: Posting): Promise<PostOutcome> => {
  try {
    const response = await fetch(url, {
      method: "POST",
      headers: { ...headers, "content-type": "application/json" },
      body,
      redirect: "manual",
      signal: AbortSignal.timeout(WEBHOOK.msMax),
    });
    await response.body?.cancel();
    return response.ok ? {} : { error: `it answered ${response.status}` };
  } catch (error) {
    if (!(error instanceof Error)) return { error: String(error) };
    if (error.name === "TimeoutError") return { error: `it did not answer within ${WEBHOOK.msMax} ms`, hangs: true };
    // `fetch` says only that it failed; its cause says why.
    return { error: error.cause instanceof Error ? error.cause.message : error.message };
  }
};
