-- 申込の画面: screens and tickets of applications. A ticket names the applications it shows, as it names supply points.
SET LOCAL ROLE owner;
ALTER TABLE wall.screen DROP CONSTRAINT screen_kind_check;
ALTER TABLE wall.screen ADD CONSTRAINT screen_kind_check
  CHECK (kind IN ('menu', 'customer', 'list', 'log', 'write', 'office', 'cases'));
ALTER TABLE wall.rule DROP CONSTRAINT rule_relation_check;
ALTER TABLE wall.rule ADD CONSTRAINT rule_relation_check CHECK (relation IN ('any', 'own', 'past', 'applicant'));
ALTER TABLE log.ticket DROP CONSTRAINT ticket_kind_check;
ALTER TABLE log.ticket ADD CONSTRAINT ticket_kind_check
  CHECK (kind IN ('look', 'search', 'write', 'statement', 'log', 'office', 'cases', 'filing'));
ALTER TABLE log.subject DROP CONSTRAINT subject_relation_check;
ALTER TABLE log.subject ADD CONSTRAINT subject_relation_check
  CHECK (relation IN ('any', 'own', 'past', 'applicant', 'foreign', 'vacant', 'absent'));
ALTER TABLE wall.live_ticket ADD COLUMN cases bigint[];
INSERT INTO wall.register (schema_name, table_name, column_name, class) VALUES ('wall', 'live_ticket', 'cases', 'key');
RESET ROLE;
