-- 規則の変更に効き目を: the order of the approvals, the table each was proved over, and the version each came with.
SET LOCAL ROLE owner;
ALTER TABLE wall.proposal
  ADD COLUMN place  int UNIQUE,
  ADD COLUMN base   int REFERENCES wall.rule_version,
  ADD COLUMN loaded int REFERENCES wall.rule_version;
-- An approval from before has no place: it was a record without effect, and stays one.
ALTER TABLE wall.proposal
  ADD CHECK (num_nulls(place, base) <> 1),
  ADD CHECK (place IS NULL OR (kind = 'rule' AND verdict IS NOT DISTINCT FROM 'approved' AND decider <> proposer
                               AND proof IS NOT NULL)),
  ADD CHECK (loaded IS NULL OR place IS NOT NULL);
INSERT INTO wall.register (schema_name, table_name, column_name, class)
VALUES ('wall', 'proposal', 'place', 'open'), ('wall', 'proposal', 'base', 'open'), ('wall', 'proposal', 'loaded', 'open');

-- Functions that give or take more than they did: administration.sql and effects.sql make them anew.
SET LOCAL ROLE opener;
DROP FUNCTION IF EXISTS wall.office_proposals(), wall.office_rules();
SET LOCAL ROLE effector;
DROP FUNCTION IF EXISTS wall.decide_proposal(bytea, date, text, bigint, text, text, text),
  wall.deploy(bytea, jsonb, jsonb, jsonb, jsonb);
RESET ROLE;
