/** How unusual an image was; null where it was not kept, or the version knows no distance. */
export default /* sql */ `
ALTER TABLE fovea.predictions ADD COLUMN distance double precision;
CREATE INDEX predictions_by_distance ON fovea.predictions (version_ref, distance, id) WHERE distance IS NOT NULL;
`;
