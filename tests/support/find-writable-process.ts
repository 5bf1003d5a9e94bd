import { z } from 'zod';
import { findWritable } from '../../src/models/repository/find-writable.js';

/* A process of its own, so that it can run as a user whom permission bits restrict. Prints its result. */

const [shared, own] = z.tuple([z.string(), z.string()]).parse(process.argv.slice(2));
console.log(JSON.stringify(await findWritable([shared, own], false)));
