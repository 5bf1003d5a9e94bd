import t from 'tap';
import { openTracing } from '../../src/observability/tracing/open-tracing.js';
import { fixtureImage, predictionOf } from '../support/answers.js';
import { freePort } from '../support/free-port.js';
import { GrpcCaller } from '../support/grpc-caller.js';
import { startOtlpReceiver } from '../support/otlp-receiver.js';
import { startServer } from '../support/running-server.js';
import { StreamClient } from '../support/stream-client.js';

/** The exporter's retries would keep the process alive for 10 s. */
process.env.OTEL_EXPORTER_OTLP_TIMEOUT = '500';

const PARENT_TRACE = '4bf92f3577b34da6a3ce929d0e0e4736';
const PARENT_SPAN = '00f067aa0ba902b7';

t.test(
  'a sampled prediction is a span with a child for each step, below the span of the client',
  async (t) => {
    const collector = await startOtlpReceiver(t);
    const grpcPort = await freePort();
    const { app, url } = await startServer(t, {
      OTEL_EXPORTER_OTLP_ENDPOINT: collector.url,
      OTEL_TRACES_SAMPLER_ARG: '0',
      OTEL_SERVICE_NAME: 'animals',
      FOVEA_HISTORY_DURABILITY: 'strict',
      FOVEA_GRPC_PORT: String(grpcPort),
    });
    const predict = async (body: Uint8Array<ArrayBuffer> | string, traceparent?: string) =>
      fetch(`${url}/api/predict`, {
        method: 'POST',
        body,
        headers: { 'Content-Type': 'image/jpeg', ...(traceparent !== undefined && { traceparent }) },
      });
    const image = Uint8Array.from(await fixtureImage('cat-0000'));

    const unsampled = await predict(image);
    t.equal(
      unsampled.headers.get('traceresponse'),
      null,
      'the ratio is 0, so a request without parent is not traced',
    );
    await predict(image, `00-${PARENT_TRACE}-${PARENT_SPAN}-00`);
    await predict(image, 'nonsense');

    const answer = await predict(image, `00-${PARENT_TRACE}-${PARENT_SPAN}-01`);
    t.equal(answer.status, 200);
    const refused = await predict('no image', `00-${PARENT_TRACE}-${PARENT_SPAN}-01`);
    t.equal(refused.status, 422);
    const { model_version } = await predictionOf(answer);
    const traceparent = `00-${PARENT_TRACE}-${PARENT_SPAN}-01`;
    const pixels = Buffer.alloc(3072, 7);
    await new GrpcCaller(t, grpcPort, { metadata: { traceparent } }).call('ModelInfer', {
      model_name: 'cifar10-cnn',
      inputs: [{ name: 'pixels', datatype: 'UINT8', shape: [1, 32, 32, 3] }],
      raw_input_contents: [pixels],
    });
    const stream = await StreamClient.open(t, `${url.replace('http', 'ws')}/api/stream`, 'fovea.json.v1', {
      traceparent,
    });
    stream.send({ type: 'predict', id: 1, image: Buffer.from(image).toString('base64') });
    stream.send({ type: 'predict', id: 2, image: 'bm8gaW1hZ2U=' });
    await Promise.all([stream.answerTo(1), stream.answerTo(2)]);
    const scraped = await fetch(`${url}/metrics`, { headers: { accept: 'application/openmetrics-text' } });
    const exemplars = (await scraped.text()).split('\n').filter((line) => line.includes(' # {'));
    t.same(
      exemplars.filter((line) => !line.includes(`# {trace_id="${PARENT_TRACE}"} 0.`)),
      [],
    );
    for (const series of [
      'fovea_http_request_duration_seconds_bucket',
      'fovea_grpc_call_duration_seconds_bucket',
      'fovea_stream_request_duration_seconds_bucket',
    ])
      t.ok(
        exemplars.some((line) => line.startsWith(`${series}{`)),
        series,
      );
    await app.close();

    const roots = collector.spans.filter(({ name }) => name === 'POST /api/predict');
    t.equal(roots.length, 2, 'two requests were sampled by their parents');
    const [root, failed] = roots;
    t.match(root, {
      traceId: PARENT_TRACE,
      parentSpanId: PARENT_SPAN,
      attributes: {
        'http.request.method': 'POST',
        'http.route': '/api/predict',
        'http.response.status_code': 200,
        'error.type': undefined,
      },
    });
    t.equal(answer.headers.get('traceresponse'), `00-${PARENT_TRACE}-${root?.spanId}-01`);
    t.match(failed?.attributes, { 'http.response.status_code': 422, 'error.type': 'undecodable_image' });
    t.match(collector.resource, { 'service.name': 'animals', 'service.version': /^\d+\.\d+\.\d+/ });

    const children = collector.spans.filter(({ parentSpanId }) => parentSpanId === root?.spanId);
    t.same(
      children.map(({ name }) => name),
      ['receive', 'queue', 'decode', 'inference', 'record'],
    );
    const stepsBelow = (name: string) =>
      collector.spans
        .filter((span) => span.name === name)
        .map(({ spanId, parentSpanId, attributes }) => ({
          isClients: parentSpanId === PARENT_SPAN,
          status: attributes['http.response.status_code'],
          steps: collector.spans.filter((span) => span.parentSpanId === spanId).map((span) => span.name),
        }));
    t.match(stepsBelow('inference.GRPCInferenceService/ModelInfer'), [
      { isClients: true, steps: ['queue', 'inference', 'record'] },
    ]);
    t.match(stepsBelow('stream request'), [
      { isClients: true, status: 422, steps: [] },
      { isClients: true, status: 200, steps: ['queue', 'decode', 'inference', 'record'] },
    ]);
    const inference = children.find(({ name }) => name === 'inference');
    t.match(inference?.attributes, {
      'fovea.model': 'cifar10-cnn',
      'fovea.version': model_version,
      'fovea.batch_size': 1,
    });
    for (const { name, startTimeUnixNano: start, endTimeUnixNano: end } of children) {
      t.ok(start <= end, `${name} ends after it begins`);
      t.ok(start >= (root?.startTimeUnixNano ?? 0) - 2, `${name} begins within the request`);
      t.ok(end <= (root?.endTimeUnixNano ?? 0) + 2, `${name} ends within the request`);
    }
  },
);

t.test('a collector that is away is reported, and does not hold up the end', async (t) => {
  const problems: unknown[] = [];
  const tracing = openTracing({
    endpoint: 'http://127.0.0.1:1',
    ratio: 1,
    serviceName: 'animals',
    serviceVersion: '1.0.0',
    onProblem: (error) => problems.push(error),
  });
  const request = { name: 'POST /api/predict', attributes: {}, traceparent: '', tracestate: '' };
  const span = tracing.requests.begin(request);
  t.match(span?.traceresponse, /^00-[0-9a-f]{32}-[0-9a-f]{16}-01$/);
  span?.end({}, false);
  await tracing.close();
  t.match(problems, [/ECONNREFUSED|timeout/i]);
});
