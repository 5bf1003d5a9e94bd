import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { chownSync, existsSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';
import pg from 'pg';
import type { Test } from 'tap';
import { freePort } from './free-port.js';

const run = promisify(execFile);

/** Debian does not link them into PATH. */
const DEBIAN = '/usr/lib/postgresql';
const PROGRAMS = existsSync(DEBIAN)
  ? readdirSync(DEBIAN)
      .toSorted((a, b) => Number(b) - Number(a))
      .map((version) => join(DEBIAN, version, 'bin'))
      .find((folder) => existsSync(join(folder, 'initdb')))
  : undefined;

/** Reason to skip tests with PostgreSQL; false when it is installed. */
export const NO_POSTGRES = PROGRAMS === undefined ? 'PostgreSQL is missing' : false;

/** PostgreSQL refuses to run as root. */
const NOBODY = 65_534;
const isRoot = process.getuid?.() === 0;
const identity = isRoot ? { uid: NOBODY, gid: NOBODY } : {};

const USER = 'fovea';
export const PASSWORD = 'p@ss/word';

const CONFIGURATION = [
  ...['-c', 'unix_socket_directories='],
  ...['-c', 'fsync=off', '-c', 'shared_buffers=16MB', '-c', 'max_connections=60'],
];

/** A PostgreSQL server for one test file, on a free port, in a folder of its own. */
export class PostgresServer {
  readonly #folder: string;
  readonly #port: number;
  #child: ChildProcess | undefined;
  #databases = 0;
  #paused: number[] = [];

  private constructor(folder: string, port: number) {
    this.#folder = folder;
    this.#port = port;
  }

  static async start(t: Test): Promise<PostgresServer> {
    const folder = mkdtempSync(join(tmpdir(), 'fovea-postgres-'));
    const server = new PostgresServer(folder, await freePort());
    t.teardown(async () => {
      server.resume();
      await server.stop();
      rmSync(folder, { recursive: true });
    });
    const passwordFile = join(folder, 'password');
    writeFileSync(passwordFile, PASSWORD, { mode: 0o644 });
    if (isRoot) chownSync(folder, NOBODY, NOBODY);
    const how = [
      '--auth=scram-sha-256',
      `--pwfile=${passwordFile}`,
      '--no-sync',
      '--no-locale',
      '-E',
      'UTF8',
    ];
    await run(join(PROGRAMS ?? '', 'initdb'), ['-D', server.#data, '-U', USER, ...how], {
      ...identity,
      cwd: folder,
    });
    await server.startAgain();
    return server;
  }

  /** The address of a database.
   * @param password another one than that of the server */
  url(database: string, password = PASSWORD): string {
    return `postgres://${USER}:${encodeURIComponent(password)}@127.0.0.1:${this.#port}/${database}`;
  }

  /** @returns the address of a new, empty database */
  async createDatabase(): Promise<string> {
    this.#databases += 1;
    const name = `test_${this.#databases}`;
    await this.query('postgres', `CREATE DATABASE ${name}`);
    return this.url(name);
  }

  /** @param database its name or address */
  async query(database: string, sql: string): Promise<Record<string, unknown>[]> {
    const url = database.startsWith('postgres:') ? database : this.url(database);
    const client = new pg.Client({ connectionString: url });
    await client.connect();
    try {
      return (await client.query<Record<string, unknown>>(sql)).rows;
    } finally {
      await client.end();
    }
  }

  /** A transaction that waits for its commit after a statement. */
  async begin(url: string, sql: string): Promise<{ readonly commit: () => Promise<void> }> {
    const client = new pg.Client({ connectionString: url });
    await client.connect();
    await client.query('BEGIN');
    await client.query(sql);
    return {
      commit: async () => {
        await client.query('COMMIT');
        await client.end();
      },
    };
  }

  async startAgain(): Promise<void> {
    const place = ['-D', this.#data, '-h', '127.0.0.1', '-p', String(this.#port)];
    this.#child = spawn(join(PROGRAMS ?? '', 'postgres'), [...place, ...CONFIGURATION], {
      ...identity,
      cwd: this.#folder,
      stdio: 'ignore',
    });
    while (
      !(await this.query('postgres', 'SELECT 1').then(
        () => true,
        () => false,
      ))
    )
      await sleep(20);
  }

  /** Ends all sessions. @param signal SIGQUIT loses asynchronous commits of the last moments, SIGINT writes them first */
  async stop(signal: 'SIGQUIT' | 'SIGINT' = 'SIGQUIT'): Promise<void> {
    const child = this.#child;
    if (child === undefined || child.exitCode !== null || child.signalCode !== null) return;
    const exit = once(child, 'exit');
    child.kill(signal);
    await exit;
  }

  /** Sessions and connections stay, and nothing answers. */
  async pause(): Promise<void> {
    const [row] = await this.query(
      'postgres',
      "SELECT string_agg(pid::text, ' ') AS pids FROM pg_stat_activity WHERE backend_type = 'client backend' AND pid <> pg_backend_pid()",
    );
    this.#paused = [
      ...String(row?.pids ?? '')
        .split(' ')
        .map(Number),
      this.#child?.pid ?? 0,
    ];
    for (const pid of this.#paused) process.kill(pid, 'SIGSTOP');
  }

  resume(): void {
    for (const pid of this.#paused.splice(0)) process.kill(pid, 'SIGCONT');
  }

  get #data(): string {
    return join(this.#folder, 'data');
  }
}
