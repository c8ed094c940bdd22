import { allowOnly } from './guard.js';

allowOnly({ native: true, processes: false });
