import { createReferenceBackend } from '../../src/backends/index.js';
import { describeBackend } from '../contract/backend.js';

describeBackend('reference', createReferenceBackend);
