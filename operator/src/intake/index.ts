export { Intake } from './intake.ts';
