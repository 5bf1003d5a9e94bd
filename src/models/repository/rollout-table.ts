import { z } from 'zod';
import type { Link } from '../../platform/postgres/link.js';
import { migrate, type PostgresForm } from '../../platform/postgres/migrate.js';
import { type RolloutChoice, rolloutChoiceSchema } from './rollout-choices.js';

/** Requests to the thread that owns the table. */
export type RolloutRequest =
  | { readonly do: 'read' }
  | { readonly do: 'publish'; readonly model: string; readonly choice: RolloutChoice }
  | { readonly do: 'remove'; readonly model: string };

const revisionSchema = z.object({ revision: z.int() });

/** The choice for a model that servers share. Releases before `deleted` read a deleted model as one without a choice. */
export const sharedChoiceSchema = revisionSchema.extend({
  model: z.string(),
  choice: rolloutChoiceSchema.extend({ deleted: z.boolean().optional() }),
});

export type SharedChoice = z.infer<typeof sharedChoiceSchema>;

/** Stays in the table, so that servers that were away hear of the deletion. */
const DELETED: SharedChoice['choice'] = { active: null, traffic: null, deleted: true };

/** A revision is larger than all earlier ones of any model. */
const MIGRATION = /* sql */ `
CREATE SEQUENCE fovea.rollout_revisions;
CREATE TABLE fovea.rollouts (
  model text PRIMARY KEY,
  choice jsonb NOT NULL,
  revision bigint NOT NULL,
  changed_at timestamptz NOT NULL DEFAULT now()
);
`;

export const ROLLOUTS_FORM: PostgresForm = {
  name: 'rollouts',
  failed: 'state_failed',
  migrations: [MIGRATION],
};

/** Which versions are active, and how traffic is split, for all servers of one PostgreSQL. */
export class RolloutTable {
  readonly #link: Link;
  #isMigrated: boolean = false;

  constructor(link: Link) {
    this.#link = link;
  }

  /** @throws FoveaError `database_unavailable`, `config_invalid`, `state_failed` */
  async answer(request: RolloutRequest): Promise<unknown> {
    if (!this.#isMigrated) await migrate(this.#link, ROLLOUTS_FORM);
    this.#isMigrated = true;
    switch (request.do) {
      case 'read':
        return this.#read();
      case 'publish':
        return this.#publish(request.model, request.choice);
      case 'remove':
        return this.#publish(request.model, DELETED);
    }
  }

  close(): Promise<void> {
    return this.#link.close();
  }

  async #read(): Promise<SharedChoice[]> {
    const sql = 'SELECT model, choice, revision FROM fovea.rollouts';
    const { rows } = await this.#link.run((client) => client.query(sql));
    return z.array(sharedChoiceSchema).parse(rows);
  }

  /** @returns the revision */
  async #publish(model: string, choice: SharedChoice['choice']): Promise<number> {
    const { rows } = await this.#link.run((client) =>
      client.query(
        `INSERT INTO fovea.rollouts (model, choice, revision) VALUES ($1, $2, nextval('fovea.rollout_revisions'))
        ON CONFLICT (model) DO UPDATE
        SET choice = excluded.choice, revision = nextval('fovea.rollout_revisions'), changed_at = now()
        RETURNING revision`,
        [model, JSON.stringify(choice)],
      ),
    );
    return z.tuple([revisionSchema]).parse(rows)[0].revision;
  }
}
