import { allowOnly } from './guard.js';

allowOnly({ native: false, processes: false });
