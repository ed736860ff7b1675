/**
 * When the first work of a world falls due, in memory. What commits write lowers it; an account whose head was written (by a reset,
 * a restore) and one whose work was run is read again when somebody asks. So a time may be too early, never too late.
 */
import { DUE_KINDS, type DueKind } from "./due.ts";
import { NAMESPACE } from "./view.ts";

/** The first work of a kind that an account has. */
export type FirstDue = { readonly kind: DueKind; readonly accountId: string; readonly dueAtMs: number };

/** Work that a commit wrote. */
export type NotedDue = FirstDue & { readonly id: string };

/** Reads of an account's first work, and of the accounts that a world has. */
export type DueReader = {
  readonly accountIds: () => Promise<Iterable<string>>;
  /** In the order of `accountIds`. */
  readonly firstDues: (accountIds: readonly string[]) => Promise<readonly ReadonlyMap<DueKind, number>[]>;
};

/**
 * Told when the first time, or how long it is until then, may have become another: `now` where work was written or the clock moved,
 * `soon` where what was known does not hold any more.
 */
export type DueListener = (when: "now" | "soon") => void;

/** Accounts that are read at a time. */
const READ_ACCOUNTS = 100;

export class DueTimes {
  readonly #times = new Map<string, Map<DueKind, number>>();
  /** By kind and account; bounded by how many of both there are. */
  readonly #foremost = new Map<string, string>();
  readonly #unread = new Set<string>();
  #allUnread = true;
  #reading: Promise<void> | undefined;
  #onChange: DueListener | undefined;

  /** Calls `listener` from now on, and no other. */
  listen(listener: DueListener | undefined): void {
    this.#onChange = listener;
  }

  /** The world's time goes differently. */
  changed(): void {
    this.#onChange?.("now");
  }

  /** A commit wrote work that falls due then. */
  note(dues: Iterable<NotedDue>): void {
    let lowered = false;
    for (const due of dues) {
      const { kind, accountId, dueAtMs, id } = due;
      const place = placeOf(due);
      const first = this.#times.get(accountId)?.get(kind);
      const foremost = this.#foremost.get(place);
      if (first !== undefined && dueAtMs <= first && (foremost === undefined || id < foremost)) {
        this.#foremost.set(place, id);
      }
      lowered = this.#lower(due) || lowered;
    }
    if (lowered) this.#onChange?.("now");
  }

  /** The least id that came since this was last asked of work that falls due with the account's first of the kind, or before it. */
  takeForemost(due: Pick<FirstDue, "kind" | "accountId">): string | undefined {
    const id = this.#foremost.get(placeOf(due));
    this.#foremost.delete(placeOf(due));
    return id;
  }

  /** What is known of these accounts does not hold any more. */
  forget(accountIds: Iterable<string>): void {
    this.#addUnread(accountIds);
    this.#onChange?.("soon");
  }

  forgetAll(): void {
    this.#allUnread = true;
    this.#onChange?.("soon");
  }

  /** The first work by time, kind and account of what `admits` does not keep out; what is unknown is read before. */
  async first(reader: DueReader, admits: (due: FirstDue) => boolean = () => true): Promise<FirstDue | undefined> {
    while (this.#allUnread || this.#unread.size > 0) {
      // One at a time: two would each wait for what the other reads.
      this.#reading ??= this.#read(reader).finally(() => (this.#reading = undefined));
      await this.#reading;
    }
    let first: FirstDue | undefined;
    for (const [accountId, times] of this.#times) {
      for (const [kind, dueAtMs] of times) {
        const due = { kind, accountId, dueAtMs };
        if ((first === undefined || comesBefore(due, first)) && admits(due)) first = due;
      }
    }
    return first;
  }

  async #read(reader: DueReader): Promise<void> {
    if (this.#allUnread) {
      this.#allUnread = false;
      this.#times.clear();
      try {
        this.#addUnread(await reader.accountIds());
      } catch (error) {
        this.#allUnread = true;
        throw error;
      }
    }
    const accountIds = [...this.#unread];
    for (let from = 0; from < accountIds.length; from += READ_ACCOUNTS) {
      await this.#readAccounts(reader, accountIds.slice(from, from + READ_ACCOUNTS));
    }
  }

  async #readAccounts(reader: DueReader, accountIds: readonly string[]): Promise<void> {
    for (const accountId of accountIds) {
      // From now on it counts what commits write; what they wrote before, the read sees.
      this.#unread.delete(accountId);
      this.#times.delete(accountId);
    }
    try {
      const found = await reader.firstDues(accountIds);
      for (const [at, accountId] of accountIds.entries()) {
        for (const [kind, dueAtMs] of found[at] ?? []) this.#lower({ kind, accountId, dueAtMs });
      }
    } catch (error) {
      this.#addUnread(accountIds);
      throw error;
    }
  }

  #addUnread(accountIds: Iterable<string>): void {
    for (const accountId of accountIds) if (accountId !== NAMESPACE) this.#unread.add(accountId);
  }

  /** True if it is earlier than what was known. */
  #lower({ kind, accountId, dueAtMs }: FirstDue): boolean {
    const times = this.#times.get(accountId) ?? new Map<DueKind, number>();
    this.#times.set(accountId, times);
    const known = times.get(kind);
    const earlier = known === undefined || dueAtMs < known;
    if (earlier) times.set(kind, dueAtMs);
    return earlier;
  }
}

const placeOf = ({ kind, accountId }: Pick<FirstDue, "kind" | "accountId">): string => `${kind}/${accountId}`;

const comesBefore = (a: FirstDue, b: FirstDue): boolean => {
  if (a.dueAtMs !== b.dueAtMs) return a.dueAtMs < b.dueAtMs;
  const order = DUE_KINDS.indexOf(a.kind) - DUE_KINDS.indexOf(b.kind);
  return order === 0 ? a.accountId < b.accountId : order < 0;
};
