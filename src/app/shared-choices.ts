import { z } from 'zod';
import type { SharedDatabase } from '../insight/history/postgres/shared-database.js';
import type { RolloutChoices } from '../models/repository/rollout-choices.js';
import { type RolloutRequest, sharedChoiceSchema } from '../models/repository/rollout-table.js';
import type { ServedModels } from '../serving/rollout/served-models.js';
import { SharedChoices } from '../serving/rollout/shared-choices.js';
import type { ServiceState } from '../serving/service-state.js';
import type { Deps } from './deps.js';

interface Needs {
  readonly local: RolloutChoices;
  readonly database: SharedDatabase;
  readonly state: Pick<ServiceState, 'degrade' | 'restore'>;
}

/** Active versions and traffic that servers share. */
export function createSharedChoices({ log }: Deps, { local, database, state }: Needs): SharedChoices {
  const ask = (request: RolloutRequest): Promise<unknown> => database.ask({ to: 'rollouts', request });
  let problem: string | undefined;
  return new SharedChoices({
    local,
    table: {
      read: async () => z.array(sharedChoiceSchema).parse(await ask({ do: 'read' })),
      publish: async (model, choice) => z.int().parse(await ask({ do: 'publish', model, choice })),
      remove: async (model) => z.int().parse(await ask({ do: 'remove', model })),
    },
    onLook: (failure) => {
      if (failure === undefined) state.restore('rollouts');
      else state.degrade('rollouts', failure);
      if (failure !== undefined && failure.message !== problem)
        log.error({ err: failure }, 'active versions of other servers cannot be followed');
      problem = failure?.message;
    },
  });
}

/** Follows other servers until the end. The first look settles before models load. */
export async function followOthers(
  { config, lifecycle }: Deps,
  choices: SharedChoices,
  models: ServedModels,
): Promise<void> {
  const look = (): Promise<void> => choices.look(models);
  await look();
  const timer = setInterval(() => void look(), config.history.rolloutPollMs);
  lifecycle.add({ name: 'shared rollouts', close: () => clearInterval(timer) });
}
