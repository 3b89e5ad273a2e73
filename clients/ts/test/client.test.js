// Against a real service where LIVEPROFILE_URL names one, with profiles 0 to 4; else against answers of this file.
import assert from "node:assert/strict";
import { createServer } from "node:http";
import { test } from "node:test";

import { Client, ServiceError } from "../dist/client.js";

const url = process.env.LIVEPROFILE_URL;
const idOf = (number) => number.toString(16).padStart(16, "0").padEnd(32, "0");
const click = { topic: "clicks", user_id: "u-1", item_id: "i-1" };

test("a real service: typed answers, all pages, a token, a problem", { skip: url ? false : "LIVEPROFILE_URL names no service" }, async () => {
  const client = new Client(url);
  assert.equal((await client.profile({ profileId: idOf(3) })).version, 1);
  const listed = [];
  for await (const one of client.profiles({ segment: "vip", limit: 2 })) listed.push(one.profile_id);
  assert.deepEqual(listed, [0, 1, 2, 3, 4].map(idOf));
  const written = await client.write([click]);
  assert.equal(written.token, "clicks/0@0+");
  await assert.rejects(client.profile({ profileId: idOf(99) }), (error) => error instanceof ServiceError && error.kind === "not-found");
});

async function scripted(answers, use) {
  const asked = [];
  const server = createServer((request, response) => {
    asked.push(request.headers);
    const [status, headers, body, cut] = answers.shift();
    response.writeHead(status, headers);
    response.write(body);
    request.resume().on("end", () => (cut ? response.destroy() : response.end()));
  });
  await new Promise((done) => server.listen(0, "127.0.0.1", done));
  const waits = [];
  const client = new Client(`http://127.0.0.1:${server.address().port}`, { sleep: async (ms) => void waits.push(ms) });
  try {
    await use(client, asked, waits);
  } finally {
    server.closeAllConnections();
    server.close();
  }
}

test("a request is repeated with its key after the wait that is asked for", async () => {
  const written = [202, { "Liveprofile-Token": "clicks/0@7+" }, '{"written":1,"positions":["clicks/0@7+"]}'];
  await scripted([[503, { "Retry-After": "5" }, "{}"], [429, { "Retry-After": "1" }, "{}"], written], async (client, asked, waits) => {
    assert.equal((await client.write([click])).token, "clicks/0@7+");
    assert.deepEqual(waits, [5000, 1000]);
    assert.equal(new Set(asked.map((one) => one["idempotency-key"])).size, 1);
  });
});

test("a stream goes on after a break from the last whole event", async () => {
  const first = 'retry: 2000\n\n: \n\nid: A\nevent: change\ndata: {"version":\ndata: 1}\n\nid: B\nevent: change\ndata: {';
  const second = 'id: B\nevent: change\ndata: {"version":2}\n\nid: C\nevent: live\ndata: {}\n\n';
  await scripted([[200, {}, first], [503, {}, "{}"], [200, {}, second]], async (client, asked) => {
    const found = [];
    for await (const event of client.stream({ topics: "changes" })) {
      found.push([event.kind, event.id, event.data.version]);
      if (found.length === 3) break;
    }
    assert.deepEqual(found, [["change", "A", 1], ["change", "B", 2], ["live", "C", undefined]]);
    assert.deepEqual(asked.map((one) => one["last-event-id"]), [undefined, "A", "A"]);
  });
});
