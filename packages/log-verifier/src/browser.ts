export { parseReport, parseStatement } from './report-file.ts'
export type { ReportFile, ReportStatement, ReportedEvent, RoleRules } from './report-file.ts'
export { STATEMENT_LINE, judgeReport } from './report-judgement.ts'
export type {
  EventJudgement,
  ReaderKnowledge,
  RecordJudgement,
  ReportJudgement,
  ReportedRun,
} from './report-judgement.ts'
export { judgeProof } from './proof.ts'
export type { ProofJudgement } from './proof.ts'
