import { createServer } from 'node:http';
import { buffer } from 'node:stream/consumers';
import protobuf from 'protobufjs';
import type { Test } from 'tap';
import { z } from 'zod';
import { portOf } from './port-of.js';

/** The fields of an export request that tests look at.
 * @source https://github.com/open-telemetry/opentelemetry-proto, trace/v1/trace.proto */
const PROTO = `
  syntax = "proto3";
  message ExportTraceServiceRequest { repeated ResourceSpans resource_spans = 1; }
  message ResourceSpans { Resource resource = 1; repeated ScopeSpans scope_spans = 2; }
  message Resource { repeated KeyValue attributes = 1; }
  message ScopeSpans { repeated Span spans = 2; }
  message Span {
    bytes trace_id = 1; bytes span_id = 2; bytes parent_span_id = 4; string name = 5; int32 kind = 6;
    fixed64 start_time_unix_nano = 7; fixed64 end_time_unix_nano = 8;
    repeated KeyValue attributes = 9; Status status = 15;
  }
  message Status { int32 code = 3; }
  message KeyValue { string key = 1; AnyValue value = 2; }
  message AnyValue { oneof value { string string_value = 1; int64 int_value = 3; double double_value = 4; } }
`;

const attributesSchema = z
  .array(
    z.object({
      key: z.string(),
      value: z.object({
        stringValue: z.string().optional(),
        intValue: z.string().transform(Number).optional(),
        doubleValue: z.number().optional(),
      }),
    }),
  )
  .default([])
  .transform((list) =>
    Object.fromEntries(
      list.map(({ key, value }) => [key, value.stringValue ?? value.intValue ?? value.doubleValue]),
    ),
  );
const hexSchema = z
  .string()
  .default('')
  .transform((text) => Buffer.from(text, 'base64').toString('hex'));
const millisecondsSchema = z.string().transform((nanoseconds) => Number(nanoseconds) / 1e6);

const spanSchema = z.object({
  traceId: hexSchema,
  spanId: hexSchema,
  parentSpanId: hexSchema,
  name: z.string(),
  startTimeUnixNano: millisecondsSchema,
  endTimeUnixNano: millisecondsSchema,
  attributes: attributesSchema,
  status: z.object({ code: z.number().default(0) }).optional(),
});

const requestSchema = z.object({
  resourceSpans: z.array(
    z.object({
      resource: z.object({ attributes: attributesSchema }),
      scopeSpans: z.array(z.object({ spans: z.array(spanSchema) })),
    }),
  ),
});

export type ReceivedSpan = z.infer<typeof spanSchema>;

export interface OtlpReceiver {
  readonly url: string;
  readonly spans: readonly ReceivedSpan[];
  /** Attributes of the service, of the latest request. */
  readonly resource: Readonly<Record<string, string | number | undefined>>;
}

/** A collector that keeps what it receives. It ends after the test. */
export async function startOtlpReceiver(t: Test): Promise<OtlpReceiver> {
  const message = protobuf.parse(PROTO).root.lookupType('ExportTraceServiceRequest');
  const received = { spans: [] as ReceivedSpan[], resource: {} };
  const server = createServer((request, response) => {
    void buffer(request).then((body) => {
      const decoded = message.toObject(message.decode(body), { longs: String, bytes: String });
      for (const { resource, scopeSpans } of requestSchema.parse(decoded).resourceSpans) {
        received.resource = resource.attributes;
        received.spans.push(...scopeSpans.flatMap(({ spans }) => spans));
      }
      const isKnown = request.method === 'POST' && request.url === '/v1/traces';
      response.writeHead(isKnown ? 200 : 404, { 'Content-Type': 'application/x-protobuf' }).end();
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  t.teardown(() => server.close());
  return {
    url: `http://127.0.0.1:${portOf(server)}`,
    get spans() {
      return received.spans;
    },
    get resource() {
      return received.resource;
    },
  };
}
