-- 供給地点・設備・契約・供給者の履歴. One class of data per table; facts are never overwritten: a correction
-- retires a row (recorded_to, superseded_by) and points to the new one. holder_id, held_from, held_to are
-- stamps: derived, rewritten only by points.restamp in the transaction that changes the history.
CREATE SCHEMA points AUTHORIZATION owner;
SET LOCAL ROLE owner;

-- A 需要場所: that a supply point exists at an address.
CREATE TABLE points.place (
  id            bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  point         bigint NOT NULL REFERENCES wall.point,
  supply_point  text COLLATE "C" NOT NULL,
  customer_code text COLLATE "C" NOT NULL,
  postal_code   text NOT NULL,
  prefecture    text NOT NULL,
  city          text NOT NULL,
  town          text NOT NULL,
  block         text NOT NULL,
  building      text NOT NULL DEFAULT '',
  room          text NOT NULL DEFAULT ''
);

-- B 設備: items of the joint-use list (供給方式, 計器情報, 引込柱番号, 検針日, 契約状態, 廃止措置方法 …).
CREATE TABLE points.equipment (
  id                bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  point             bigint  NOT NULL REFERENCES wall.point,
  status            text    NOT NULL CHECK (status IN ('供給中', '廃止中', '撤去')),
  disconnection     text    NOT NULL DEFAULT '',      -- 廃止措置方法
  voltage           text    NOT NULL CHECK (voltage IN ('低圧', '高圧', '特別高圧')),
  wiring            text    NOT NULL,                 -- 供給方式: 単相3線式 100/200V …
  reading_schedule  text    NOT NULL,                 -- 検針日程
  next_reading_on   date    NOT NULL,
  reading_method    text    NOT NULL,                 -- 自動検針, 訪問検針
  meter_number      text    NOT NULL,
  meter_kind        text    NOT NULL,
  meter_valid_until date    NOT NULL,                 -- 検定有効期間満了
  communicating     boolean NOT NULL,                 -- 通信可否
  half_hourly       boolean NOT NULL,                 -- 30分値収集可否
  service_pole      text    NOT NULL,                 -- 引込柱番号
  grid_connected    boolean NOT NULL                  -- 系統連系設備有無
);

-- B 計器取替履歴.
CREATE TABLE points.meter_install (
  id           bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  point        bigint NOT NULL REFERENCES wall.point,
  meter_number text   NOT NULL,
  installed_on date   NOT NULL,
  removed_on   date,
  reason       text   NOT NULL
);

-- C 契約名義: the party of one contract. Two contracts at one place never share a row.
CREATE TABLE points.party (
  id            bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  point         bigint    NOT NULL REFERENCES wall.point,
  name          text      NOT NULL,
  kana          text      NOT NULL,
  phone         text      NOT NULL,
  mail_address  text      NOT NULL DEFAULT '',        -- 送付先, empty = place of use
  valid         daterange NOT NULL CHECK (NOT isempty(valid)),  -- 入居から退去まで
  recorded_from timestamptz NOT NULL DEFAULT clock_timestamp(),
  recorded_to   timestamptz NOT NULL DEFAULT 'infinity',
  superseded_by bigint    REFERENCES points.party,
  EXCLUDE USING gist (int8range(point, point, '[]') WITH &&, valid WITH &&) WHERE (recorded_to = 'infinity')
);

-- D 供給者の履歴: at most one supplier per point and instant, held by the constraint.
CREATE TABLE points.supply (
  id              bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  point           bigint    NOT NULL REFERENCES wall.point,
  retailer        int       NOT NULL REFERENCES wall.org,
  balancing_group text      NOT NULL DEFAULT '',
  contract_no     text      NOT NULL DEFAULT '',      -- the retailer's own
  valid           daterange NOT NULL CHECK (NOT isempty(valid)),
  reason          text      NOT NULL DEFAULT '',
  recorded_from   timestamptz NOT NULL DEFAULT clock_timestamp(),
  recorded_to     timestamptz NOT NULL DEFAULT 'infinity',
  superseded_by   bigint    REFERENCES points.supply,
  EXCLUDE USING gist (int8range(point, point, '[]') WITH &&, valid WITH &&) WHERE (recorded_to = 'infinity')
);

-- E 契約容量・契約種別: cut at every change of supplier.
CREATE TABLE points.contract_size (
  id            bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  point         bigint    NOT NULL REFERENCES wall.point,
  menu          text      NOT NULL,                   -- 接続送電サービス: 電灯標準 …
  kind          text      NOT NULL CHECK (kind IN ('電灯', '動力')),
  basis         text      NOT NULL CHECK (basis IN ('実量契約', 'SB契約', '主開閉器契約')),
  amount        numeric(9, 1) NOT NULL CHECK (amount >= 0),
  unit          text      NOT NULL CHECK (unit IN ('A', 'kVA', 'kW')),
  valid         daterange NOT NULL CHECK (NOT isempty(valid)),
  recorded_from timestamptz NOT NULL DEFAULT clock_timestamp(),
  recorded_to   timestamptz NOT NULL DEFAULT 'infinity',
  superseded_by bigint    REFERENCES points.contract_size,
  EXCLUDE USING gist (int8range(point, point, '[]') WITH &&, valid WITH &&) WHERE (recorded_to = 'infinity')
);

-- F 月別使用量: 料金算定期間ごと. Energy in Wh, maximum demand in W.
CREATE TABLE points.usage_month (
  id            bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  point         bigint    NOT NULL REFERENCES wall.point,
  month         date      NOT NULL CHECK (extract(day FROM month) = 1),
  energy_wh     bigint    NOT NULL,
  maximum_w     bigint,
  quality       text      NOT NULL CHECK (quality IN ('確定', '推定', '協議', '均等')),
  valid         daterange NOT NULL CHECK (NOT isempty(valid)),
  recorded_from timestamptz NOT NULL DEFAULT clock_timestamp(),
  recorded_to   timestamptz NOT NULL DEFAULT 'infinity',
  superseded_by bigint    REFERENCES points.usage_month,
  EXCLUDE USING gist (int8range(point, point, '[]') WITH &&, valid WITH &&) WHERE (recorded_to = 'infinity')
);

-- G 申込中の異動: stored per party; an incoming retailer and an outgoing one have a row each.
CREATE TABLE points.pending (
  id             bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  point          bigint NOT NULL REFERENCES wall.point,
  party          int    NOT NULL REFERENCES wall.org,  -- whose application it is
  procedure      text   NOT NULL,                     -- スイッチング開始, スイッチング廃止, 再点 …
  application_no text   NOT NULL,
  effective_on   date   NOT NULL,
  state          text   NOT NULL
);

-- H 口座振替. The whole account number is for the login `bank` alone; screens have its last three digits.
CREATE TABLE points.bank_mandate (
  id            bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  point         bigint NOT NULL REFERENCES wall.point,
  bank_code     text   NOT NULL CHECK (bank_code ~ '^[0-9]{4}$'),
  bank_name     text   NOT NULL,
  branch_code   text   NOT NULL CHECK (branch_code ~ '^[0-9]{3}$'),
  branch_name   text   NOT NULL,
  account_kind  text   NOT NULL CHECK (account_kind IN ('普通', '当座')),
  account_no    text   NOT NULL CHECK (account_no ~ '^[0-9]{7}$'),
  account_tail  text   NOT NULL CHECK (account_tail ~ '^[0-9]{3}$'),
  holder_kana   text   NOT NULL,
  valid         daterange NOT NULL CHECK (NOT isempty(valid)),
  recorded_from timestamptz NOT NULL DEFAULT clock_timestamp(),
  recorded_to   timestamptz NOT NULL DEFAULT 'infinity',
  superseded_by bigint REFERENCES points.bank_mandate
);

-- H 口振異動通知.
CREATE TABLE points.mandate_notice (
  id            bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  point         bigint NOT NULL REFERENCES wall.point,
  kind          text   NOT NULL CHECK (kind IN ('新規', '変更', '解約', '結果')),
  received_on   date   NOT NULL,
  applies_from  date   NOT NULL,                      -- 適用月の初日
  bank_code     text   NOT NULL,
  bank_name     text   NOT NULL,
  branch_code   text   NOT NULL,
  branch_name   text   NOT NULL,
  account_kind  text   NOT NULL,
  account_tail  text   NOT NULL,
  holder_kana   text   NOT NULL,
  result_code   text   NOT NULL,
  source_file   text   NOT NULL
);

-- I 応対履歴.
CREATE TABLE points.contact_note (
  id         bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  point      bigint NOT NULL REFERENCES wall.point,
  noted_on   date   NOT NULL,
  subject    text   NOT NULL,
  body       text   NOT NULL
);

-- S 注意情報: network only.
CREATE TABLE points.care_note (
  id       bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  point    bigint NOT NULL REFERENCES wall.point,
  kind     text   NOT NULL,
  body     text   NOT NULL
);

-- Periods of facts lie on the axis the wall compares them on: they have a first day, and 1900 to 4699 (see ADR 11).
DO $$
DECLARE t text;
BEGIN
  FOREACH t IN ARRAY ARRAY['supply', 'contract_size', 'usage_month'] LOOP
    EXECUTE format('ALTER TABLE points.%I ADD CONSTRAINT %I CHECK (lower(valid) IS NOT NULL AND lower(valid) >= DATE %L'
                   ' AND lower(valid) < DATE %L AND coalesce(upper(valid), DATE %L) < DATE %L)',
                   t, t || '_on_axis', '1900-01-01', '4699-12-31', '2000-01-01', '4700-01-01');
  END LOOP;
END $$;

DO $$
DECLARE t text;
BEGIN
  FOREACH t IN ARRAY ARRAY['place', 'equipment', 'meter_install', 'party', 'supply', 'contract_size', 'usage_month',
                           'pending', 'bank_mandate', 'mandate_notice', 'contact_note', 'care_note'] LOOP
    EXECUTE format('ALTER TABLE points.%I ADD COLUMN holder_id int, ADD COLUMN held_from date, ADD COLUMN held_to date', t);
    EXECUTE format('CREATE INDEX ON points.%I (point)', t);
    EXECUTE format('ALTER TABLE points.%I ENABLE ROW LEVEL SECURITY', t);
    EXECUTE format('ALTER TABLE points.%I FORCE ROW LEVEL SECURITY', t);
  END LOOP;
END $$;

INSERT INTO wall.register (schema_name, table_name, column_name, class)
SELECT 'points', c.relname, a.attname,
       CASE WHEN a.attname IN ('holder_id', 'held_from', 'held_to') THEN 'stamp'
            WHEN a.attname IN ('id', 'point', 'superseded_by') THEN 'key'
            ELSE t.class END
  FROM (VALUES ('place', 'A'), ('equipment', 'B'), ('meter_install', 'B'), ('party', 'C'), ('supply', 'D'),
               ('contract_size', 'E'), ('usage_month', 'F'), ('pending', 'G'), ('bank_mandate', 'H'),
               ('mandate_notice', 'H'), ('contact_note', 'I'), ('care_note', 'S')) t(name, class)
  JOIN pg_catalog.pg_class c ON c.relname = t.name AND c.relnamespace = 'points'::regnamespace
  JOIN pg_catalog.pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped;
GRANT USAGE, CREATE ON SCHEMA points TO effector;
GRANT USAGE ON SCHEMA points TO reader_network, reader_retailer, bank, writer, batch, migrator;
RESET ROLE;
