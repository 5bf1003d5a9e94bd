import { readFileSync } from 'node:fs';
import { constants } from 'node:http2';
import { connect } from 'node:net';
import { gzipSync } from 'node:zlib';
import { fromBinary } from '@bufbuild/protobuf';
import { FileDescriptorProtoSchema } from '@bufbuild/protobuf/wkt';
import { credentials, status } from '@grpc/grpc-js';
import t from 'tap';
import { z } from 'zod';
import { freePort } from '../support/free-port.js';
import { GrpcCaller, HEALTH, REFLECTION, SERVICE } from '../support/grpc-caller.js';
import { framed, RawGrpc, resetOf, statusOf } from '../support/raw-grpc.js';
import { startListening } from '../support/running-server.js';
import { NO_OPENSSL, selfSigned } from '../support/self-signed.js';

const MEBIBYTE = 1024 * 1024;
const descriptionSchema = z.object({
  file_descriptor_response: z.object({ file_descriptor_proto: z.tuple([z.instanceof(Buffer)]) }),
});

t.test('gRPC over TLS with small limits', { skip: NO_OPENSSL }, async (t) => {
  const { cert, key } = selfSigned(t);
  const port = await freePort();
  await startListening(t, {
    FOVEA_GRPC_PORT: String(port),
    FOVEA_TLS_CERT: cert,
    FOVEA_TLS_KEY: key,
    FOVEA_GRPC_MAX_CONNECTIONS: '8',
    FOVEA_MAX_BODY_BYTES: String(MEBIBYTE),
    FOVEA_MAX_BUFFERED_BYTES: String(4 * MEBIBYTE),
  });
  const caller = new GrpcCaller(t, port, { channel: credentials.createSsl(readFileSync(cert)) });
  const raw = new RawGrpc(t, `https://localhost:${port}`);

  t.test('a client that trusts the certificate is served, one without TLS is not', async (t) => {
    t.match(await caller.call('ServerLive', {}), { live: true });
    t.match(await caller.call('Check', { service: SERVICE }, HEALTH), { status: 'NOT_SERVING' });
    await t.rejects(new GrpcCaller(t, port).call('ServerLive', {}), { code: status.UNAVAILABLE });
  });

  t.test('reflection lists the services and describes ours', async (t) => {
    const ask = [{ list_services: '' }, { file_containing_symbol: SERVICE }];
    const [listed, described] = await caller.stream('ServerReflectionInfo', ask, REFLECTION);
    t.match(listed, { list_services_response: { service: [{ name: SERVICE }, { name: HEALTH }] } });
    const { file_descriptor_response: response } = descriptionSchema.parse(described);
    const [file] = response.file_descriptor_proto;
    const messages = fromBinary(FileDescriptorProtoSchema, file).messageType;
    const metadata = messages.find(({ name }) => name === 'ModelMetadataResponse');
    // Clients in Go refuse a map entry of another name.
    t.match(metadata?.nestedType[0], { name: 'PropertiesEntry', options: { mapEntry: true } });
    t.match(
      metadata?.field.find(({ name }) => name === 'properties'),
      { typeName: 'PropertiesEntry' },
    );
  });

  t.test('a message that is or declares to be too large ends its call only', async (t) => {
    const open = raw.open('ModelInfer');
    const declared = raw.open('ModelInfer');
    declared.write(framed(Buffer.alloc(1), { declared: 0xffff_ffff }));
    t.equal(await statusOf(declared), status.RESOURCE_EXHAUSTED);
    const bomb = raw.open('ModelInfer', { 'grpc-encoding': 'gzip' });
    bomb.end(framed(gzipSync(Buffer.alloc(64 * MEBIBYTE)), { isCompressed: true }));
    t.equal(await statusOf(bomb), status.RESOURCE_EXHAUSTED);
    t.match(await caller.call('ServerLive', {}), { live: true });
    open.close();
  });

  t.test('messages without end of one client take no more than its share', async (t) => {
    const part = framed(Buffer.alloc(700_000), { declared: 1_000_000 });
    const calls = [1, 2, 3].map(() => raw.open('ModelInfer'));
    for (const call of calls) call.write(part);
    t.equal(await Promise.race(calls.map(resetOf)), constants.NGHTTP2_ENHANCE_YOUR_CALM);
    t.equal(calls.filter(({ closed }) => closed).length, 1);
    for (const call of calls) call.close();
    t.match(await caller.call('ServerLive', {}), { live: true });
  });

  t.test('one client gets its share of the connections, and others still connect', async (t) => {
    const open = (localAddress: string) => connect({ port, host: '127.0.0.1', localAddress });
    const sockets = Array.from({ length: 5 }, () => open('127.0.0.2'));
    t.teardown(() => sockets.map((socket) => socket.destroy()));
    await Promise.race(sockets.map((socket) => new Promise((done) => socket.once('close', done))));
    t.equal(sockets.filter(({ closed }) => closed).length, 1);
    t.match(
      await new GrpcCaller(t, port, { channel: credentials.createSsl(readFileSync(cert)) }).call(
        'ServerLive',
        {},
      ),
      {
        live: true,
      },
    );
  });
});
