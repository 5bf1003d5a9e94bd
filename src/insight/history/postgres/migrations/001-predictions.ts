/**
 * The same facts as in SQLite. Ids are UUIDv7, so that the primary key is in time order. Times are microseconds,
 * confidences 0..1. Sums and the number of rows are split into shards; each server adds to one, so that servers rarely wait
 * for each other's commits.
 */
export default /* sql */ `
CREATE TABLE fovea.model_versions (
  ref integer GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  model text NOT NULL,
  version integer NOT NULL,
  labels text[] NOT NULL, -- in the order of the output
  labels_sha256 bytea NOT NULL, -- an index entry has at most 2.7 kB
  label_ids text[], -- in the order of labels, or null
  UNIQUE (model, version, labels_sha256)
);

CREATE TABLE fovea.classes (
  ref integer GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  label text NOT NULL,
  label_sha256 bytea NOT NULL UNIQUE
);

CREATE TABLE fovea.predictions (
  id uuid PRIMARY KEY,
  request_id text,
  version_ref integer,
  class_ref integer,
  confidence double precision,
  probabilities bytea, -- uint16 little-endian, in 1/50000
  prediction_us bigint,
  queue_us bigint,
  decode_us bigint,
  inference_us bigint,
  source text NOT NULL,
  image_sha256 bytea,
  image_width integer,
  image_height integer,
  image_format text,
  client_hash text,
  error_code text,
  shadow_of uuid, -- id of the returned prediction
  labels integer[], -- classes.ref; null for a model of one class an image
  feedback_ref integer, -- the true label, in classes; 0: feedback_labels has the truth
  feedback_labels integer[]
);

CREATE INDEX predictions_by_class ON fovea.predictions (class_ref, id) WHERE labels IS NULL;
CREATE INDEX predictions_by_version ON fovea.predictions (version_ref, id);
CREATE INDEX predictions_with_feedback ON fovea.predictions (id) WHERE feedback_ref IS NOT NULL;
CREATE INDEX predictions_of_shadows ON fovea.predictions (version_ref, id) WHERE shadow_of IS NOT NULL;

-- The predictions that answered a label, in time order; only of rows with labels.
CREATE TABLE fovea.answered_labels (
  class_ref integer NOT NULL,
  id uuid NOT NULL, -- predictions.id
  PRIMARY KEY (class_ref, id)
);
CREATE INDEX answered_labels_by_id ON fovea.answered_labels (id);

-- span: seconds that a row sums up, from start (Unix seconds) on; 0 is all time.
CREATE TABLE fovea.rollups (
  span integer NOT NULL,
  start bigint NOT NULL,
  version_ref integer NOT NULL, -- 0 for none
  shard smallint NOT NULL,
  predictions bigint NOT NULL,
  errors bigint NOT NULL,
  confidence_sum double precision NOT NULL,
  confidence_min double precision,
  confidence_max double precision,
  timed bigint NOT NULL, -- predictions whose time is known
  prediction_us_sum bigint NOT NULL,
  labelled bigint NOT NULL,
  labelled_correct bigint NOT NULL,
  PRIMARY KEY (span, start, version_ref, shard)
);

-- kind 'class': key is classes.ref; 'confidence' and 'latency': a histogram's bin; 'error': an error code.
CREATE TABLE fovea.rollup_counts (
  span integer NOT NULL,
  start bigint NOT NULL,
  version_ref integer NOT NULL,
  kind text NOT NULL,
  key text NOT NULL,
  shard smallint NOT NULL,
  count bigint NOT NULL,
  PRIMARY KEY (span, start, version_ref, kind, key, shard)
);

CREATE TABLE fovea.stored (shard smallint PRIMARY KEY, rows bigint NOT NULL); -- how many predictions there are
`;
