/**
 * Times are microseconds, confidences 0..1. Ids are UUIDv7, so that the primary key is in time order, and a query by
 * time is a range of it.
 */
export default /* sql */ `
CREATE TABLE model_versions (
  ref INTEGER PRIMARY KEY,
  model TEXT NOT NULL,
  version INTEGER NOT NULL,
  labels TEXT NOT NULL, -- JSON array, in the order of the output
  UNIQUE (model, version, labels)
) STRICT;

CREATE TABLE classes (
  ref INTEGER PRIMARY KEY,
  label TEXT NOT NULL UNIQUE
) STRICT;

CREATE TABLE predictions (
  id BLOB NOT NULL PRIMARY KEY,
  request_id TEXT,
  version_ref INTEGER,
  class_ref INTEGER,
  confidence REAL,
  probabilities BLOB,
  prediction_us INTEGER,
  queue_us INTEGER,
  decode_us INTEGER,
  inference_us INTEGER,
  source TEXT NOT NULL,
  image_sha256 BLOB,
  image_width INTEGER,
  image_height INTEGER,
  image_format TEXT,
  client_hash TEXT,
  error_code TEXT,
  feedback_ref INTEGER -- the true label, in classes
) STRICT, WITHOUT ROWID;

CREATE INDEX predictions_by_class ON predictions (class_ref, id, confidence);
CREATE INDEX predictions_by_version ON predictions (version_ref, id);
CREATE INDEX predictions_with_feedback ON predictions (id) WHERE feedback_ref IS NOT NULL;

-- span: seconds that a row sums up, from start (Unix seconds) on; 0 is all time.
CREATE TABLE rollups (
  span INTEGER NOT NULL,
  start INTEGER NOT NULL,
  version_ref INTEGER NOT NULL, -- 0 for none
  predictions INTEGER NOT NULL,
  errors INTEGER NOT NULL,
  confidence_sum REAL NOT NULL,
  confidence_min REAL,
  confidence_max REAL,
  timed INTEGER NOT NULL, -- predictions whose time is known
  prediction_us_sum INTEGER NOT NULL,
  labelled INTEGER NOT NULL,
  labelled_correct INTEGER NOT NULL,
  PRIMARY KEY (span, start, version_ref)
) STRICT, WITHOUT ROWID;

-- kind 'class': key is classes.ref; 'confidence' and 'latency': a histogram's bin; 'error': an error code.
CREATE TABLE rollup_counts (
  span INTEGER NOT NULL,
  start INTEGER NOT NULL,
  version_ref INTEGER NOT NULL,
  kind TEXT NOT NULL,
  key ANY NOT NULL,
  count INTEGER NOT NULL,
  PRIMARY KEY (span, start, version_ref, kind, key)
) STRICT, WITHOUT ROWID;

CREATE TABLE stored (rows INTEGER NOT NULL) STRICT; -- one row: how many predictions there are, for counting is slow
INSERT INTO stored VALUES (0);
`;
