/** A shadow's answer names the prediction that was returned instead. */
export default /* sql */ `
ALTER TABLE predictions ADD COLUMN shadow_of BLOB; -- predictions.id
CREATE INDEX predictions_of_shadows ON predictions (version_ref, id) WHERE shadow_of IS NOT NULL;
`;
