/** One run of k6. */
export interface FloodScenario {
  /** For the command line and file names. */
  readonly name: string;
  readonly title: string;
  /** File beside this one, after compilation. */
  readonly script: string;
  /** Variables of this script besides those of all scripts. */
  readonly env: Readonly<Record<string, string>>;
}

const LOCUST_USERS = [50, 100, 200];
const STEPS = [1, 2, 4, 8, 16, 32, 64, 128, 256];

function locust(users: number, thinks: boolean): FloodScenario {
  return {
    name: `locust-${users}${thinks ? '' : '-hasty'}`,
    title: `Locust, ${users} users${thinks ? '' : ' without think time'}`,
    script: 'locust.k6.js',
    env: { FLOOD_USERS: String(users), FLOOD_THINKS: String(thinks) },
  };
}

export const SATURATION: FloodScenario = {
  name: 'saturation',
  title: 'Ramp to saturation',
  script: 'saturation.k6.js',
  env: { FLOOD_STEPS: STEPS.join(',') },
};

export const FLOOD_SCENARIOS: readonly FloodScenario[] = [
  ...LOCUST_USERS.map((users) => locust(users, true)),
  ...LOCUST_USERS.map((users) => locust(users, false)),
  SATURATION,
  { name: 'spike', title: 'Spike to 200 users', script: 'spike.k6.js', env: { FLOOD_USERS: '200' } },
  {
    name: 'stream',
    title: 'WebSocket, 16 frames in flight a connection',
    script: 'stream.k6.js',
    env: { FLOOD_STEPS: '1,4,16', FLOOD_FRAMES_IN_FLIGHT: '16' },
  },
  { name: 'mixed', title: 'Whole API, 50 users', script: 'mixed.k6.js', env: { FLOOD_USERS: '50' } },
];
