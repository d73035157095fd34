-- 鍵の交代, 消去 and 保存: what the log says of itself, as leaves of its tree (ADR 31, 34).
SET LOCAL ROLE owner;
ALTER TABLE log.leaf DROP CONSTRAINT leaf_kind_check;
ALTER TABLE log.leaf ADD CONSTRAINT leaf_kind_check
  CHECK (kind IN ('ticket', 'outcome', 'purpose', 'alarm', 'export', 'sign-in', 'closing', 'heartbeat', 'gap', 'key',
                  'erasure', 'retention', 'hold', 'deletion'));
ALTER TABLE log.leaf DROP CONSTRAINT leaf_check;
ALTER TABLE log.leaf ADD CONSTRAINT leaf_check
  CHECK ((body IS NOT NULL) = (kind IN ('heartbeat', 'gap', 'key')));
-- Few of them among very many.
CREATE INDEX ON log.leaf (index) WHERE kind = 'key';
RESET ROLE;
