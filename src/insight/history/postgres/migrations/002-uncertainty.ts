/** How unsure an answer was; null where its image was not kept, so that other rows cost no entry of an index. */
export default /* sql */ `
ALTER TABLE fovea.predictions ADD COLUMN margin double precision;
ALTER TABLE fovea.predictions ADD COLUMN entropy double precision;
CREATE INDEX predictions_by_margin ON fovea.predictions (version_ref, margin, id) WHERE margin IS NOT NULL;
CREATE INDEX predictions_by_entropy ON fovea.predictions (version_ref, entropy, id) WHERE entropy IS NOT NULL;
`;
