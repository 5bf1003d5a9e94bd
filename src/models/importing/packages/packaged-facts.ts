import { Facts } from '../facts.js';
import type { PackagedModel } from './catalogue.js';
import { pinName } from './package-pin.js';

/** The facts that the catalogue knows of a package's model. */
export function packagedFacts({ name, facts: stated, license, packages }: PackagedModel): Facts {
  const facts = new Facts();
  const from = packages.map(pinName).join(', ');
  facts.state('name', name, from);
  facts.state('labels', stated.labels, from);
  facts.state('scaling', stated.scaling, from);
  facts.state('resize', stated.resize, from);
  facts.state('crop', stated.crop, from);
  facts.state('color_order', stated.color_order, from);
  facts.state('activation', stated.activation, from);
  facts.state('license', license, from);
  return facts;
}
