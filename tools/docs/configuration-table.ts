import { SETTINGS } from '../../src/app/config/schema.js';
import type { AnySetting } from '../../src/app/config/setting.js';

/** Variables that the libraries under us read themselves. */
const LIBRARY_VARIABLES: readonly (readonly [string, string])[] = [
  ['UV_THREADPOOL_SIZE', 'Threads of libuv, which decode images and read files; 4 unless set.'],
  ['CUDA_VISIBLE_DEVICES', 'GPUs that the process sees. TensorFlow uses the last of them.'],
  [
    'TF_FORCE_GPU_ALLOW_GROWTH',
    '`true` lets TensorFlow take GPU memory as it needs it instead of all at once.',
  ],
  ['TF_NUM_INTRAOP_THREADS', 'Threads that TensorFlow uses inside one operation on a CPU.'],
  [
    'GOMP_SPINCOUNT',
    'How often an idle thread of the native engine looks for work before it sleeps; 10000, about 0.1 ms, unless this or `OMP_WAIT_POLICY` is set.',
  ],
  ['TF_CPP_MIN_LOG_LEVEL', '`1`, `2` or `3` silences TensorFlow’s own messages, from least to most.'],
  ['MALLOC_ARENA_MAX', '`2` makes glibc give back the memory of decoded images; `npm start` sets it.'],
  ['UWS_HTTP_MAX_HEADERS_SIZE', 'Bytes that all headers of one request may have; 4096 unless set.'],
  ['XDG_CACHE_HOME', 'Folder that holds `fovea/`, the default of `FOVEA_CACHE_DIR`; `~/.cache` unless set.'],
];

function row({ name, aliases, fallbackText, accepts, meaning, isSecret }: AnySetting): string {
  const file = isSecret ? `, or a file by \`${name}_FILE\`` : '';
  const old = aliases.length === 0 ? '' : ` (old: ${aliases.map((alias) => `\`${alias}\``).join(', ')})`;
  const fallback = fallbackText === '``' ? '' : fallbackText;
  return `| \`${name}\`${old}${file} | ${fallback} | ${accepts} | ${meaning} |`;
}

/** The tables of all settings, as Markdown. */
export function configurationTable(): string {
  const settings = Object.values(SETTINGS).flatMap((section): AnySetting[] => Object.values(section));
  return [
    '| Setting | Default | Accepts | Meaning |',
    '| --- | --- | --- | --- |',
    ...settings.map(row),
    '',
    'These variables are read by libraries:',
    '',
    '| Variable | Meaning |',
    '| --- | --- |',
    ...LIBRARY_VARIABLES.map(([name, meaning]) => `| \`${name}\` | ${meaning} |`),
  ].join('\n');
}
