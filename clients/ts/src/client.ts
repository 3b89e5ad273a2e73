// A client of the query service by fetch: in browsers, Node.js 20 and later, Deno and Bun.
import type { components, paths } from "./api.js";

export type Schemas = components["schemas"];
export type ProfileSnapshot = Schemas["ProfileSnapshot"];
export type Problem = Schemas["ProblemDetails"];
export type Listed = Schemas["Listed"];
type EventBody = paths["/v1/events"]["post"]["requestBody"]["content"]["application/json"];
/** An event with its `topic`, as the contract describes it. */
export type ShopEvent = Exclude<EventBody, readonly unknown[]>;
/** Who is meant: a profile id, or one of a shop's own ids, which goes into the body and never into an address. */
export type Who = { profileId: string } | { userId: string } | { anonymousId: string };
/** `token` reads back what was written. */
export type Written = Schemas["Written"] & { token: string };
export type StreamEvent = { kind: string; id: string; data: unknown };

const TRIES = 6;
const MOST_WAIT_MS = 30_000;

/** A problem that the service answers. */
export class ServiceError extends Error {
  constructor(readonly problem: Problem) {
    super(`${problem.status} ${problem.title}: ${problem.detail}`);
  }
  /** The end of the problem's type, such as not-found. */
  get kind(): string {
    return this.problem.type.slice(this.problem.type.lastIndexOf("/") + 1);
  }
}

export interface Options {
  token?: string;
  /** Replaces the global one. */
  fetch?: typeof fetch;
  /** Replaces the waits, in tests. */
  sleep?: (ms: number) => Promise<void>;
}

export class Client {
  private readonly fetch: typeof fetch;
  private readonly sleep: (ms: number) => Promise<void>;
  private readonly headers: Record<string, string>;

  constructor(private readonly url: string, options: Options = {}) {
    this.fetch = options.fetch ?? globalThis.fetch.bind(globalThis);
    this.sleep = options.sleep ?? ((ms) => new Promise((done) => setTimeout(done, ms)));
    this.headers = options.token ? { Authorization: `Bearer ${options.token}` } : {};
  }

  /** A profile; with `after`, a token, one that has those events. */
  async profile(who: Who, after = "", waitS = 2): Promise<ProfileSnapshot> {
    const fresh: Record<string, string> = after ? { "Liveprofile-After": after, Prefer: `wait=${waitS}` } : {};
    const answer =
      "profileId" in who
        ? await this.ask("GET", `/v1/profiles/${encodeURIComponent(who.profileId)}`, undefined, fresh)
        : await this.ask("POST", "/v1/profiles:lookup", ownId(who), fresh);
    return (await answer.json()) as ProfileSnapshot;
  }

  /** Write up to 100 events. A repetition with the same key is written once. */
  async write(events: ShopEvent[], key: string = crypto.randomUUID()): Promise<Written> {
    const answer = await this.ask("POST", "/v1/events", events, { "Idempotency-Key": key });
    const written = (await answer.json()) as Schemas["Written"];
    return { ...written, token: answer.headers.get("liveprofile-token") ?? "" };
  }

  /** Erase a shopper permanently; the deadlines by topic. */
  async erase(who: Exclude<Who, { profileId: string }>, unknown = false): Promise<Schemas["Erased"]> {
    const headers = { "Idempotency-Key": crypto.randomUUID() };
    const answer = await this.ask("POST", "/v1/profiles:erase", { ...ownId(who), unknown }, headers);
    return (await answer.json()) as Schemas["Erased"];
  }

  /** All profiles that fit, such as { segment: "vip" }, page by page. */
  async *profiles(filters: Record<string, string | number> = {}): AsyncGenerator<Listed> {
    let after: string | null = null;
    do {
      const asked = new URLSearchParams(Object.entries({ ...filters, ...(after ? { after } : {}) }).map(texts));
      const answer = await this.ask("GET", `/v1/profiles?${asked}`);
      const page = (await answer.json()) as Schemas["Page"];
      yield* page.profiles;
      after = page.after;
    } while (after !== null);
  }

  /** The answer of any other path. */
  async get<T = unknown>(path: keyof paths | (string & {})): Promise<T> {
    return (await (await this.ask("GET", path)).json()) as T;
  }

  /** Changes and anomalies as they happen, for ever; after a break it goes on where it was. */
  async *stream(filters: Record<string, string | number> = {}, lastId = "", signal?: AbortSignal): AsyncGenerator<StreamEvent> {
    const path = `/v1/stream?${new URLSearchParams(Object.entries(filters).map(texts))}`;
    for (let attempt = 0; !signal?.aborted; attempt++) {
      let waitMs = backoffMs(attempt);
      try {
        const headers = { ...this.headers, Accept: "text/event-stream", ...(lastId ? { "Last-Event-ID": lastId } : {}) };
        const answer = await this.fetch(this.url + path, { headers, ...(signal ? { signal } : {}) });
        if (!answer.ok || answer.body === null) {
          const error = await problemOf(answer);
          const asked = waitBeforeNextMs(answer, attempt);
          if (asked === undefined) throw error;
          waitMs = asked;
        } else {
          for await (const event of events(answer.body)) {
            lastId = event.id || lastId;
            attempt = 0;
            yield { ...event, id: lastId };
          }
        }
      } catch (error) {
        if (signal?.aborted) return;
        if (error instanceof ServiceError || attempt + 1 >= TRIES) throw error;
      }
      await this.sleep(waitMs);
    }
  }

  private async ask(method: string, path: string, body?: unknown, more: Record<string, string> = {}): Promise<Response> {
    const headers = { ...this.headers, ...more, ...(body === undefined ? {} : { "Content-Type": "application/json" }) };
    for (let attempt = 0; ; attempt++) {
      let waitMs: number | undefined;
      try {
        const sent = body === undefined ? {} : { body: JSON.stringify(body) };
        const answer = await this.fetch(this.url + path, { method, headers, ...sent });
        if (answer.ok) return answer;
        const error = await problemOf(answer);
        if ((waitMs = waitBeforeNextMs(answer, attempt)) === undefined) throw error;
      } catch (error) {
        if (error instanceof ServiceError || attempt + 1 >= TRIES) throw error;
      }
      await this.sleep(waitMs ?? backoffMs(attempt));
    }
  }
}

function ownId(who: Who): Record<string, string> {
  if ("userId" in who) return { user_id: who.userId };
  if ("anonymousId" in who) return { anonymous_id: who.anonymousId };
  throw new TypeError("a shop's own id is needed: userId or anonymousId");
}

function texts([name, value]: [string, string | number]): [string, string] {
  return [name, String(value)];
}

function backoffMs(attempt: number): number {
  return Math.min(200 * 2 ** attempt, MOST_WAIT_MS);
}

/** Undefined for a final answer. */
function waitBeforeNextMs(answer: Response, attempt: number): number | undefined {
  if (![429, 503].includes(answer.status) || attempt + 1 >= TRIES) return undefined;
  const asked = answer.headers.get("retry-after");
  return Math.min(asked && /^\d+$/.test(asked) ? Number(asked) * 1000 : backoffMs(attempt), MOST_WAIT_MS);
}

async function problemOf(answer: Response): Promise<ServiceError> {
  const text = await answer.text();
  try {
    const problem = JSON.parse(text) as Problem;
    if (typeof problem.type === "string") return new ServiceError(problem);
  } catch {
    // Somebody between has answered.
  }
  const title = "No answer of the service";
  return new ServiceError({ type: "about:blank", title, status: answer.status, detail: "It has no problem." });
}

/** The events of a stream of lines; half an event at its end is dropped. */
async function* events(body: ReadableStream<Uint8Array>): AsyncGenerator<StreamEvent> {
  const decoder = new TextDecoder();
  const reader = body.getReader();
  let left = "";
  try {
    for (;;) {
      const { done, value } = await reader.read();
      if (done) return;
      left += decoder.decode(value, { stream: true });
      let end: number;
      while ((end = left.indexOf("\n\n")) >= 0) {
        const event = parsed(left.slice(0, end));
        left = left.slice(end + 2);
        if (event) yield event;
      }
    }
  } finally {
    await reader.cancel().catch(() => {});
  }
}

function parsed(frame: string): StreamEvent | undefined {
  const fields: Record<string, string> = {};
  for (const line of frame.split("\n")) {
    const at = line.indexOf(":");
    if (at < 1) continue;
    const name = line.slice(0, at);
    const value = line.slice(at + 1).replace(/^ /, "");
    fields[name] = name === "data" && "data" in fields ? `${fields["data"]}\n${value}` : value;
  }
  if (!fields["event"]) return undefined;
  return { kind: fields["event"], id: fields["id"] ?? "", data: fields["data"] ? JSON.parse(fields["data"]) : null };
}
