-- 表と列の説明, for those who read the database: every table has one, and every column whose name does not say it all.
-- Applied whole at every deployment. docs/reference/tables.md is made from them (make docs).
SET LOCAL ROLE owner;

COMMENT ON TABLE points.place IS '需要場所: その住所に供給地点があること';
COMMENT ON COLUMN points.place.supply_point IS '供給地点特定番号（22 桁）';
COMMENT ON COLUMN points.place.customer_code IS 'お客さまコード（14 桁）';
COMMENT ON COLUMN points.place.postal_code IS '郵便番号';
COMMENT ON COLUMN points.place.prefecture IS '都道府県';
COMMENT ON COLUMN points.place.city IS '市区町村';
COMMENT ON COLUMN points.place.town IS '町名';
COMMENT ON COLUMN points.place.block IS '番地';
COMMENT ON COLUMN points.place.building IS '建物名';
COMMENT ON COLUMN points.place.room IS '部屋番号';

COMMENT ON TABLE points.equipment IS '設備: 共同利用の一覧にある項目';
COMMENT ON COLUMN points.equipment.status IS '契約の状態（供給中、廃止中、撤去）';
COMMENT ON COLUMN points.equipment.disconnection IS '廃止措置方法';
COMMENT ON COLUMN points.equipment.voltage IS '電圧（低圧、高圧、特別高圧）';
COMMENT ON COLUMN points.equipment.wiring IS '供給方式';
COMMENT ON COLUMN points.equipment.reading_schedule IS '検針日程';
COMMENT ON COLUMN points.equipment.next_reading_on IS '次の検針日';
COMMENT ON COLUMN points.equipment.reading_method IS '検針の方法';
COMMENT ON COLUMN points.equipment.meter_number IS '計器番号';
COMMENT ON COLUMN points.equipment.meter_kind IS '計器の種類';
COMMENT ON COLUMN points.equipment.meter_valid_until IS '検定の有効期間の満了日';
COMMENT ON COLUMN points.equipment.communicating IS '通信できるか';
COMMENT ON COLUMN points.equipment.half_hourly IS '30 分値を集められるか';
COMMENT ON COLUMN points.equipment.service_pole IS '引込柱番号';
COMMENT ON COLUMN points.equipment.grid_connected IS '系統に連系する設備があるか';

COMMENT ON TABLE points.meter_install IS '計器取替履歴';
COMMENT ON COLUMN points.meter_install.meter_number IS '計器番号';
COMMENT ON COLUMN points.meter_install.installed_on IS '取り付けた日';
COMMENT ON COLUMN points.meter_install.removed_on IS '外した日。いまの計器は空';
COMMENT ON COLUMN points.meter_install.reason IS '取替の理由';

COMMENT ON TABLE points.party IS '契約名義: 一つの契約の名義人と連絡先';
COMMENT ON COLUMN points.party.name IS '契約名義';
COMMENT ON COLUMN points.party.kana IS 'カナ氏名';
COMMENT ON COLUMN points.party.phone IS '電話番号';
COMMENT ON COLUMN points.party.mail_address IS '送付先。空なら需要場所';
COMMENT ON COLUMN points.party.valid IS '入居から退去まで';

COMMENT ON TABLE points.supply IS '供給者の履歴: ある供給地点のある時点の供給者は一つだけ';
COMMENT ON COLUMN points.supply.retailer IS '供給者（小売電気事業者）';
COMMENT ON COLUMN points.supply.balancing_group IS 'バランシンググループ';
COMMENT ON COLUMN points.supply.contract_no IS '小売の契約番号';
COMMENT ON COLUMN points.supply.reason IS '記録・訂正の理由';

COMMENT ON TABLE points.contract_size IS '契約容量・契約種別: 供給者が替わるたびに切れる';
COMMENT ON COLUMN points.contract_size.menu IS '接続送電サービスの種別';
COMMENT ON COLUMN points.contract_size.kind IS '電灯か動力か';
COMMENT ON COLUMN points.contract_size.basis IS '実量契約、SB契約、主開閉器契約';
COMMENT ON COLUMN points.contract_size.amount IS '契約の大きさ';
COMMENT ON COLUMN points.contract_size.unit IS '単位（A、kVA、kW）';

COMMENT ON TABLE points.usage_month IS '月別使用量: 料金算定期間ごと';
COMMENT ON COLUMN points.usage_month.month IS '月（初日で表す）';
COMMENT ON COLUMN points.usage_month.energy_wh IS '使用量（Wh）';
COMMENT ON COLUMN points.usage_month.maximum_w IS '最大需要電力（W）';
COMMENT ON COLUMN points.usage_month.quality IS '確定、推定、協議、均等';

COMMENT ON TABLE points.pending IS '申込中の異動: 申し込んだ会社ごとに一行';
COMMENT ON COLUMN points.pending.party IS '申し込んだ会社';
COMMENT ON COLUMN points.pending.procedure IS '手続き';
COMMENT ON COLUMN points.pending.application_no IS '申込番号';
COMMENT ON COLUMN points.pending.effective_on IS '効力日';
COMMENT ON COLUMN points.pending.state IS '申込の状態';

COMMENT ON TABLE points.bank_mandate IS '口座振替の登録。口座番号の全桁は、どのログインの SELECT にもない';
COMMENT ON COLUMN points.bank_mandate.bank_code IS '金融機関コード';
COMMENT ON COLUMN points.bank_mandate.bank_name IS '金融機関名';
COMMENT ON COLUMN points.bank_mandate.branch_code IS '支店コード';
COMMENT ON COLUMN points.bank_mandate.branch_name IS '支店名';
COMMENT ON COLUMN points.bank_mandate.account_kind IS '普通か当座か';
COMMENT ON COLUMN points.bank_mandate.account_no IS '口座番号（7 桁）。どの画面にも出ない';
COMMENT ON COLUMN points.bank_mandate.account_tail IS '口座番号の下 3 桁';
COMMENT ON COLUMN points.bank_mandate.holder_kana IS '口座名義カナ';

COMMENT ON TABLE points.mandate_notice IS '口振異動通知: 金融機関からの新規・変更・解約・結果';
COMMENT ON COLUMN points.mandate_notice.kind IS '新規、変更、解約、結果';
COMMENT ON COLUMN points.mandate_notice.received_on IS '受け取った日';
COMMENT ON COLUMN points.mandate_notice.applies_from IS '適用月の初日';
COMMENT ON COLUMN points.mandate_notice.bank_code IS '金融機関コード';
COMMENT ON COLUMN points.mandate_notice.bank_name IS '金融機関名';
COMMENT ON COLUMN points.mandate_notice.branch_code IS '支店コード';
COMMENT ON COLUMN points.mandate_notice.branch_name IS '支店名';
COMMENT ON COLUMN points.mandate_notice.account_kind IS '普通か当座か';
COMMENT ON COLUMN points.mandate_notice.account_tail IS '口座番号の下 3 桁';
COMMENT ON COLUMN points.mandate_notice.holder_kana IS '口座名義カナ';
COMMENT ON COLUMN points.mandate_notice.result_code IS '結果コード';
COMMENT ON COLUMN points.mandate_notice.source_file IS '届いたファイルの名';

COMMENT ON TABLE points.contact_note IS '応対履歴: 問合せと応対の記録';
COMMENT ON COLUMN points.contact_note.noted_on IS '応対した日';
COMMENT ON COLUMN points.contact_note.subject IS '件名';
COMMENT ON COLUMN points.contact_note.body IS '本文';

COMMENT ON TABLE points.care_note IS '注意情報: 命を守る機器など。送配電だけが見る';
COMMENT ON COLUMN points.care_note.kind IS '種類';
COMMENT ON COLUMN points.care_note.body IS '本文';

COMMENT ON TABLE log.ticket IS '閲覧票: 誰が、どの画面を、何のために開いたか。足すことしかできない';
COMMENT ON COLUMN log.ticket.request IS '要求の番号。同じ番号は一度だけ';
COMMENT ON COLUMN log.ticket.xid IS '書いたトランザクション。同じトランザクションの中では読めない';
COMMENT ON COLUMN log.ticket.at IS '実際の時刻';
COMMENT ON COLUMN log.ticket.business_at IS '業務の時刻（デモでは日付をずらせる）';
COMMENT ON COLUMN log.ticket.kind IS '閲覧、検索、書き込み、申告、記録の閲覧';
COMMENT ON COLUMN log.ticket.session IS 'サインイン';
COMMENT ON COLUMN log.ticket.terminal IS '端末のアドレス';
COMMENT ON COLUMN log.ticket.person IS '利用者';
COMMENT ON COLUMN log.ticket.appointment IS 'その時の発令';
COMMENT ON COLUMN log.ticket.employer IS 'その時の雇い主';
COMMENT ON COLUMN log.ticket.organisation IS '雇い主。委託先なら委託元';
COMMENT ON COLUMN log.ticket.duty IS 'その時の職務';
COMMENT ON COLUMN log.ticket.screen IS '画面コード';
COMMENT ON COLUMN log.ticket.screen_version IS '画面定義の版';
COMMENT ON COLUMN log.ticket.came_from IS '遷移元の受付番号（同じサインインのものだけ）';
COMMENT ON COLUMN log.ticket.came_screen IS '遷移元の画面';
COMMENT ON COLUMN log.ticket.action IS '書き込みの操作';
COMMENT ON COLUMN log.ticket.purpose_code IS '利用目的';
COMMENT ON COLUMN log.ticket.purpose_reference IS '根拠の番号';
COMMENT ON COLUMN log.ticket.purpose_verified IS '番号を案件で確かめられたか';
COMMENT ON COLUMN log.ticket.purpose_receipt IS '申告の受付番号';
COMMENT ON COLUMN log.ticket.decision IS '表示、該当なし、目的待ち、拒否';
COMMENT ON COLUMN log.ticket.reason IS '理由。情報管理だけが読み、本人には出ない';
COMMENT ON COLUMN log.ticket.rule_version IS '規則の版';
COMMENT ON COLUMN log.ticket.argument_hash IS '引数のハッシュ';

COMMENT ON TABLE log.subject IS '対象: 閲覧票が名指した供給地点と、与えた区分・拒んだ区分';
COMMENT ON COLUMN log.subject.no IS '票の中の順';
COMMENT ON COLUMN log.subject.point IS '供給地点。空なら、その番号の供給地点はない';
COMMENT ON COLUMN log.subject.supply_point IS '供給地点特定番号';
COMMENT ON COLUMN log.subject.holder IS 'その時の供給者。空なら供給者なし';
COMMENT ON COLUMN log.subject.held_from IS 'その供給のはじめの日';
COMMENT ON COLUMN log.subject.relation IS '利用者の会社との関係';
COMMENT ON COLUMN log.subject.granted IS '与えた区分';
COMMENT ON COLUMN log.subject.refused IS '拒んだ区分';
COMMENT ON COLUMN log.subject.period IS '期間の区分で与えた期間';

COMMENT ON TABLE log.outcome IS '結果: 実際に何が表示されたか。ないときは表示したと数える';
COMMENT ON COLUMN log.outcome.at IS '閉じた時刻';
COMMENT ON COLUMN log.outcome.rows IS '行の数';
COMMENT ON COLUMN log.outcome.classes IS '表示した区分';
COMMENT ON COLUMN log.outcome.points IS '表示に現れた供給地点';
COMMENT ON COLUMN log.outcome.digest IS '出ていったバイトの SHA-256';

COMMENT ON TABLE log.payload IS '入力されたもの。名前を含みうるので、記録と分けて消せる';
COMMENT ON COLUMN log.payload.typed IS '入力された文字';

COMMENT ON TABLE log.purpose IS '利用目的の申告';
COMMENT ON COLUMN log.purpose.session IS 'サインイン';
COMMENT ON COLUMN log.purpose.scope IS 'お客さまコード。* は一覧と検索';
COMMENT ON COLUMN log.purpose.code IS '利用目的';
COMMENT ON COLUMN log.purpose.reference IS '根拠の番号';
COMMENT ON COLUMN log.purpose.verified IS '番号を案件で確かめられたか';
COMMENT ON COLUMN log.purpose.at IS '申告した時刻';
COMMENT ON COLUMN log.purpose.expires IS '効力の終わり';

COMMENT ON TABLE log.tally IS '集計: 終わった日の閲覧記録を、時間と絞り込みの値ごとに数えたもの。記録から作り直せる';
COMMENT ON COLUMN log.tally.day IS '記録の日';
COMMENT ON COLUMN log.tally.width IS '幅（hour、day）';
COMMENT ON COLUMN log.tally.dim IS '絞り込みの項目。空はすべての記録';
COMMENT ON COLUMN log.tally.value IS '項目の値。- はなし';
COMMENT ON COLUMN log.tally.at IS '幅のはじめの時刻';
COMMENT ON COLUMN log.tally.records IS '記録の件数';
COMMENT ON COLUMN log.tally.persons IS '閲覧者の人数';
COMMENT ON COLUMN log.tally.contracts IS '名指した供給地点の数';

COMMENT ON TABLE log.tallied IS '集計済みの日';
COMMENT ON COLUMN log.tallied.day IS '記録の日';
COMMENT ON COLUMN log.tallied.records IS '数えた時の記録の件数';
COMMENT ON COLUMN log.tallied.made IS '数えた時刻';
COMMENT ON COLUMN log.tallied.checked IS '件数をもう一度確かめた時刻';

COMMENT ON TABLE log.closing IS '締め: 書庫に書き出した日。足すことしかできない';
COMMENT ON COLUMN log.closing.no IS '締めの番号';
COMMENT ON COLUMN log.closing.day IS '書き出した日';
COMMENT ON COLUMN log.closing.at IS '書き出した時刻';
COMMENT ON COLUMN log.closing.records IS '閲覧票の件数';
COMMENT ON COLUMN log.closing.subjects IS '対象の件数';
COMMENT ON COLUMN log.closing.outcomes IS '結果の件数';
COMMENT ON COLUMN log.closing.views IS '表示した供給地点の件数';
COMMENT ON COLUMN log.closing.digest IS 'その日のファイルか、日に属さない 3 つのファイルの、名前とハッシュの SHA-256';

COMMENT ON TABLE log.export IS '閲覧記録の持出し: 申請・承認・受取りの各段階';
COMMENT ON COLUMN log.export.export IS '申請の受付番号';
COMMENT ON COLUMN log.export.step IS '段階（request、approval、taking）';
COMMENT ON COLUMN log.export.receipt IS 'この段階の受付番号';
COMMENT ON COLUMN log.export.day IS '記録の日';
COMMENT ON COLUMN log.export.at IS '時刻';
COMMENT ON COLUMN log.export.person IS 'この段階を行った利用者';
COMMENT ON COLUMN log.export.appointment IS 'この段階を行ったときの発令';
COMMENT ON COLUMN log.export.filters IS '持ち出す記録の絞り込み';
COMMENT ON COLUMN log.export.reason IS '持出しの理由（申請だけ）';
COMMENT ON COLUMN log.export.expires IS 'この時刻を過ぎると、承認も受取りもできない';
COMMENT ON TABLE log.leaf IS '葉: 記録に付けた番号と、そのハッシュ。足すことしかできない';
COMMENT ON COLUMN log.leaf.day IS '番号を付けた日。戻らない';
COMMENT ON COLUMN log.leaf.index IS '番号。0 から隙間なく';
COMMENT ON COLUMN log.leaf.kind IS '記録の種類';
COMMENT ON COLUMN log.leaf.record_day IS '記録の日';
COMMENT ON COLUMN log.leaf.key IS '受付番号。警報とサインインでは番号';
COMMENT ON COLUMN log.leaf.typed IS '入力された文字の、鍵付きのハッシュ';
COMMENT ON COLUMN log.leaf.body IS '鼓動と断絶の記録そのもの';
COMMENT ON COLUMN log.leaf.hash IS '葉のハッシュ（RFC 9162）';

COMMENT ON TABLE log.batch IS '確定の一回: 葉と同じトランザクションで、何を見て番号を付けたか';
COMMENT ON COLUMN log.batch.xid IS '書いたトランザクション';
COMMENT ON COLUMN log.batch.day IS '番号を付けた日';
COMMENT ON COLUMN log.batch.at IS '番号を付けた時刻';
COMMENT ON COLUMN log.batch.horizon IS 'これより前に書かれたものには、すべて番号がある';
COMMENT ON COLUMN log.batch.since IS 'これより前の日の記録には、すべて番号がある';

COMMENT ON TABLE log.checkpoint IS '控え: 木の状態と署名。前の控えにつながる';
COMMENT ON COLUMN log.checkpoint.size IS '覆う記録の数';
COMMENT ON COLUMN log.checkpoint.previous IS '前の控えのハッシュ';
COMMENT ON COLUMN log.checkpoint.day IS '番号を付けた日';
COMMENT ON COLUMN log.checkpoint.at IS '時刻';
COMMENT ON COLUMN log.checkpoint.horizon IS 'これより前のトランザクションの記録には、すべて番号がある';
COMMENT ON COLUMN log.checkpoint.since IS 'これより前の日の記録には、すべて番号がある';
COMMENT ON COLUMN log.checkpoint.peaks IS '欠けのない部分木の根（大きい順）';
COMMENT ON COLUMN log.checkpoint.body IS '署名した文';
COMMENT ON COLUMN log.checkpoint.signature IS 'Ed25519 の署名';

COMMENT ON TABLE log.timestamp IS '時刻証明（RFC 3161）: 外の時計が控えについて言うこと';
COMMENT ON COLUMN log.timestamp.size IS '控え';
COMMENT ON COLUMN log.timestamp.at IS '受け取った時刻';
COMMENT ON COLUMN log.timestamp.token IS '時刻証明の応答';

COMMENT ON COLUMN log.outcome.xid IS '書いたトランザクション';
COMMENT ON COLUMN log.purpose.xid IS '書いたトランザクション';
COMMENT ON COLUMN log.alarm.xid IS '書いたトランザクション';
COMMENT ON COLUMN log.export.xid IS '書いたトランザクション';
COMMENT ON COLUMN log.sign_in.xid IS '書いたトランザクション';
COMMENT ON COLUMN log.closing.xid IS '書いたトランザクション';
COMMENT ON COLUMN log.payload.key IS '入力された文字をハッシュにする鍵。これを捨てると、ハッシュは何も言わない';

COMMENT ON TABLE log.alarm IS '警報: 壁が気づいた食い違い';
COMMENT ON COLUMN log.alarm.at IS '時刻';
COMMENT ON COLUMN log.alarm.kind IS '種類';
COMMENT ON COLUMN log.alarm.detail IS '内容';

COMMENT ON TABLE wall.register IS '区分の登録簿: 表のすべての列の区分';
COMMENT ON COLUMN wall.register.schema_name IS 'スキーマ';
COMMENT ON COLUMN wall.register.table_name IS '表';
COMMENT ON COLUMN wall.register.column_name IS '列';
COMMENT ON COLUMN wall.register.class IS '区分';

COMMENT ON TABLE wall.home IS 'ホームの種類と、業務の時計のずれ';
COMMENT ON COLUMN wall.home.one IS '一行だけであることの印';
COMMENT ON COLUMN wall.home.kind IS '本番、デモ、試用';
COMMENT ON COLUMN wall.home.shift IS '業務の時計のずれ。本番では 0';

COMMENT ON TABLE wall.org IS '会社: 送配電、小売、委託先';
COMMENT ON COLUMN wall.org.id IS '会社の番号';
COMMENT ON COLUMN wall.org.code IS '会社コード';
COMMENT ON COLUMN wall.org.name IS '会社名';
COMMENT ON COLUMN wall.org.kind IS '送配電、小売、委託先';
COMMENT ON COLUMN wall.org.registered IS '小売電気事業者の登録番号';

COMMENT ON TABLE wall.affiliation IS '特定関係事業者。報告と調査のためで、規則は見ない';
COMMENT ON COLUMN wall.affiliation.network IS '送配電の会社';
COMMENT ON COLUMN wall.affiliation.affiliate IS '特定関係事業者';

COMMENT ON COLUMN wall.affiliation.reason IS '記録・訂正の理由。移行の行は空';
COMMENT ON COLUMN wall.org.receipt IS '登録した閲覧票。移行の行は空';
COMMENT ON COLUMN wall.affiliation.receipt IS '記録した閲覧票。移行の行は空';
COMMENT ON COLUMN wall.person.receipt IS '登録した閲覧票。移行の行は空';
COMMENT ON COLUMN wall.appointment.reason IS '発令・訂正・終了の理由。移行の行は空';
COMMENT ON COLUMN wall.appointment.receipt IS '記録した閲覧票。移行の行は空';

COMMENT ON TABLE wall.contracting IS '委託関係: 委託先の人が、どの会社の名義で、いつから働けるか';
COMMENT ON COLUMN wall.contracting.contractor IS '委託先';
COMMENT ON COLUMN wall.contracting.principal IS '委託元。委託先のこともある（再委託）';
COMMENT ON COLUMN wall.contracting.valid IS '委託の期間（日）';
COMMENT ON COLUMN wall.contracting.reason IS '記録・訂正の理由。移行の行は空';
COMMENT ON COLUMN wall.contracting.receipt IS '記録した閲覧票。移行の行は空';

COMMENT ON TABLE wall.proposal IS '申請: ほかの人の承認が要る変更（管理・監査の職務の発令、規則）';
COMMENT ON COLUMN wall.proposal.kind IS 'appointment 発令、rule 規則';
COMMENT ON COLUMN wall.proposal.content IS '変更の内容';
COMMENT ON COLUMN wall.proposal.reason IS '申請の理由';
COMMENT ON COLUMN wall.proposal.proposer IS '申請した利用者';
COMMENT ON COLUMN wall.proposal.receipt IS '申請の閲覧票';
COMMENT ON COLUMN wall.proposal.proposed IS '申請した時刻';
COMMENT ON COLUMN wall.proposal.verdict IS 'approved 承認、refused 却下、withdrawn 取下げ。空は承認待ち';
COMMENT ON COLUMN wall.proposal.decider IS '決めた利用者。取下げのほかは申請した人でない';
COMMENT ON COLUMN wall.proposal.decided IS '決めた時刻';
COMMENT ON COLUMN wall.proposal.decision_receipt IS '決めた閲覧票';
COMMENT ON COLUMN wall.proposal.comment IS '決めた人の言葉';
COMMENT ON COLUMN wall.proposal.proof IS '承認のときの、変更後の表の検査の指紋（SHA-256）';
COMMENT ON COLUMN wall.proposal.place IS '承認された規則の変更の順番。空は効き目のない申請';
COMMENT ON COLUMN wall.proposal.base IS '承認のときの検査のもとになった規則の版';
COMMENT ON COLUMN wall.proposal.loaded IS '配備で読み込まれた規則の版。空は配備を待っている';

COMMENT ON TABLE wall.person IS '利用者';
COMMENT ON COLUMN wall.person.id IS '利用者の番号';
COMMENT ON COLUMN wall.person.code IS '利用者コード';
COMMENT ON COLUMN wall.person.name IS '氏名';

COMMENT ON TABLE wall.appointment IS '発令: 誰がいつからどこでどの職務か';
COMMENT ON COLUMN wall.appointment.person IS '利用者';
COMMENT ON COLUMN wall.appointment.employer IS '雇い主';
COMMENT ON COLUMN wall.appointment.principal IS '委託元。委託でなければ空';
COMMENT ON COLUMN wall.appointment.duty IS '職務';
COMMENT ON COLUMN wall.appointment.valid IS '発令の期間（時刻）';

COMMENT ON TABLE wall.session IS 'サインイン。1 回に発令は 1 つ';
COMMENT ON COLUMN wall.session.proof_hash IS 'サインインの証拠のハッシュ';
COMMENT ON COLUMN wall.session.appointment IS '発令';
COMMENT ON COLUMN wall.session.means IS '手段（パスワード、リンク、デモ、コマンド、API の資格情報の名前）';
COMMENT ON COLUMN wall.session.began IS '始まり';
COMMENT ON COLUMN wall.session.expires IS '期限';
COMMENT ON COLUMN wall.session.ended IS 'サインアウトの時刻';
COMMENT ON COLUMN wall.session.terminal IS '端末のアドレス';

COMMENT ON TABLE wall.one_time_link IS 'ワンタイムリンク';
COMMENT ON COLUMN wall.one_time_link.token_hash IS 'コードのハッシュ';
COMMENT ON COLUMN wall.one_time_link.appointment IS '発令';
COMMENT ON COLUMN wall.one_time_link.issued IS '発行';
COMMENT ON COLUMN wall.one_time_link.expires IS '期限';
COMMENT ON COLUMN wall.one_time_link.used IS '使われた時刻';
COMMENT ON COLUMN wall.one_time_link.reset IS '登録の消去（本人の作り直し）とともに発行されたか';

COMMENT ON TABLE wall.password IS 'パスワードの照合値（パスワードそのものは、どこにもない）';
COMMENT ON COLUMN wall.password.person IS '利用者';
COMMENT ON COLUMN wall.password.salt IS '塩';
COMMENT ON COLUMN wall.password.recipe IS '導出の手順（argon2id の引数）';
COMMENT ON COLUMN wall.password.verifier IS '導出した鍵の SHA-256。導出にはデータベースの外の鍵も使う';
COMMENT ON COLUMN wall.password.since IS '設定した時刻';

COMMENT ON TABLE wall.totp IS '認証アプリ（TOTP）';
COMMENT ON COLUMN wall.totp.person IS '利用者';
COMMENT ON COLUMN wall.totp.sealed IS 'データベースの外の鍵で封をした秘密';
COMMENT ON COLUMN wall.totp.last_step IS '最後に使われたコードの時刻（30 秒の番号）。これ以前のコードは使えない';
COMMENT ON COLUMN wall.totp.since IS '登録した時刻';
COMMENT ON COLUMN wall.totp.pending IS '最初のコードを待つ、登録中の秘密（封をしたもの）';
COMMENT ON COLUMN wall.totp.pending_since IS '登録を始めた時刻';

COMMENT ON TABLE wall.recovery_code IS '回復コードのハッシュ';
COMMENT ON COLUMN wall.recovery_code.person IS '利用者';
COMMENT ON COLUMN wall.recovery_code.hash IS 'コードの、鍵付きのハッシュ';
COMMENT ON COLUMN wall.recovery_code.used IS '使われた時刻';

COMMENT ON TABLE wall.api_client IS 'API の資格情報（小売のシステムが、1 人の利用者としてサインインする）';
COMMENT ON COLUMN wall.api_client.id IS '番号';
COMMENT ON COLUMN wall.api_client.code IS 'クライアントの名前（client_id）';
COMMENT ON COLUMN wall.api_client.person IS '利用者';
COMMENT ON COLUMN wall.api_client.org IS '小売。利用者がほかの会社へ移れば、使えない';
COMMENT ON COLUMN wall.api_client.secret_hash IS '秘密の、鍵付きのハッシュ';
COMMENT ON COLUMN wall.api_client.issued IS '発行した時刻';
COMMENT ON COLUMN wall.api_client.ended IS '失効した時刻';

COMMENT ON TABLE wall.passkey IS 'パスキーの公開鍵（秘密の鍵は本人の端末から出ない）';
COMMENT ON COLUMN wall.passkey.id IS '番号';
COMMENT ON COLUMN wall.passkey.person IS '利用者';
COMMENT ON COLUMN wall.passkey.credential IS 'パスキーの識別子';
COMMENT ON COLUMN wall.passkey.public_key IS '公開鍵（COSE）';
COMMENT ON COLUMN wall.passkey.count IS '端末が数えた署名の回数。減ったものは写しとみなして受け付けない';
COMMENT ON COLUMN wall.passkey.since IS '登録した時刻';
COMMENT ON COLUMN wall.passkey.used IS '最後に使われた時刻';

COMMENT ON TABLE wall.external_identity IS '会社の ID 基盤のアカウントと利用者の対応。本人だけが追加し、取り消しても行は残る';
COMMENT ON COLUMN wall.external_identity.id IS '番号';
COMMENT ON COLUMN wall.external_identity.issuer IS '会社の ID 基盤の発行者（issuer）';
COMMENT ON COLUMN wall.external_identity.subject IS '発行者の中でのアカウントの番号（subject）。電子メールや氏名ではない';
COMMENT ON COLUMN wall.external_identity.person IS '利用者';
COMMENT ON COLUMN wall.external_identity.recorded_from IS '追加した時刻';
COMMENT ON COLUMN wall.external_identity.recorded_to IS '取り消した時刻。効いている間は infinity';

COMMENT ON TABLE wall.external_round IS '会社の ID 基盤との往復と、パスキーへの問いのうち、使い終わったもの（二度使わせないため）';
COMMENT ON COLUMN wall.external_round.round IS '往復か問いの番号の SHA-256';
COMMENT ON COLUMN wall.external_round.expires IS '期限。過ぎた行は消える';

COMMENT ON TABLE wall.sign_in_limit IS 'サインインを何回まちがえられるか（EXAMPLE の値）';
COMMENT ON COLUMN wall.sign_in_limit.one IS '行は 1 つだけ';
COMMENT ON COLUMN wall.sign_in_limit.per_person IS '1 人が続けてまちがえてよい回数';
COMMENT ON COLUMN wall.sign_in_limit.per_terminal IS '1 つの端末から、最長の休止の間にまちがえてよい回数';
COMMENT ON COLUMN wall.sign_in_limit.pause IS '最初の休止。まちがえるたびに倍になる';
COMMENT ON COLUMN wall.sign_in_limit.longest IS '最長の休止';
COMMENT ON COLUMN wall.sign_in_limit.remembered IS 'まちがいを覚えておく時間';

COMMENT ON TABLE log.sign_in IS 'サインインの記録: 試みと、サインインに使うものの変更のすべて';
COMMENT ON COLUMN log.sign_in.at IS '時刻';
COMMENT ON COLUMN log.sign_in.means IS '手段';
COMMENT ON COLUMN log.sign_in.result IS '結果（signed-in、refused、paused、changed、issued、reset、ended、linked、unlinked、unreachable）';
COMMENT ON COLUMN log.sign_in.person IS '利用者。いない人の名前では空';
COMMENT ON COLUMN log.sign_in.claimed IS 'いない人の名前の、鍵付きのハッシュ';
COMMENT ON COLUMN log.sign_in.terminal IS '端末のアドレス';
COMMENT ON COLUMN log.sign_in.session IS 'サインイン';

COMMENT ON TABLE wall.rule_version IS '規則の版';
COMMENT ON COLUMN wall.rule_version.version IS '版';
COMMENT ON COLUMN wall.rule_version.digest IS '情報遮断の表のハッシュ';
COMMENT ON COLUMN wall.rule_version.loaded IS '読み込んだ時刻';

COMMENT ON TABLE wall.rule IS '規則: 情報遮断の表の一行。やめた行も残る';
COMMENT ON COLUMN wall.rule.key IS '行の名';
COMMENT ON COLUMN wall.rule.duty IS '職務';
COMMENT ON COLUMN wall.rule.relation IS '関係';
COMMENT ON COLUMN wall.rule.view IS '現在か過去契約か';
COMMENT ON COLUMN wall.rule.class IS '区分';
COMMENT ON COLUMN wall.rule.verdict IS '見せるか拒むか';
COMMENT ON COLUMN wall.rule.article IS '根拠の条文';
COMMENT ON COLUMN wall.rule.note IS '注記（EXAMPLE など）';
COMMENT ON COLUMN wall.rule.since IS 'この版から';
COMMENT ON COLUMN wall.rule.until IS 'この版の前まで';

COMMENT ON TABLE wall.screen IS '画面定義: その画面が求めうるもの。変えると新しい版になる';
COMMENT ON COLUMN wall.screen.code IS '画面コード';
COMMENT ON COLUMN wall.screen.version IS '版';
COMMENT ON COLUMN wall.screen.name IS '画面名';
COMMENT ON COLUMN wall.screen.view IS '現在か過去契約か';
COMMENT ON COLUMN wall.screen.kind IS '画面の種類';
COMMENT ON COLUMN wall.screen.classes IS '区分の上限';
COMMENT ON COLUMN wall.screen.actions IS '操作';

COMMENT ON TABLE wall.purpose IS '利用目的';
COMMENT ON COLUMN wall.purpose.code IS 'コード';
COMMENT ON COLUMN wall.purpose.name IS '名前';
COMMENT ON COLUMN wall.purpose.duties IS '申告できる職務';
COMMENT ON COLUMN wall.purpose.case_kinds IS '番号を確かめられる案件の種類';

COMMENT ON TABLE wall.action IS '職務だけができる操作';
COMMENT ON COLUMN wall.action.code IS '操作';
COMMENT ON COLUMN wall.action.duties IS 'できる職務';

COMMENT ON TABLE wall.cases IS '案件: 利用目的の根拠になる問合せ・申込・作業など';
COMMENT ON COLUMN wall.cases.reference IS '根拠の番号';
COMMENT ON COLUMN wall.cases.kind IS '種類';
COMMENT ON COLUMN wall.cases.customer_code IS 'お客さまコード。空なら一人のお客さまのことではない';
COMMENT ON COLUMN wall.cases.opened_at IS '受け付けた時刻';
COMMENT ON COLUMN wall.cases.closed_at IS '終わった時刻';

COMMENT ON TABLE wall.point IS '供給地点: 鍵と刻印だけ';
COMMENT ON COLUMN wall.point.id IS '供給地点の番号';
COMMENT ON COLUMN wall.point.supply_point IS '供給地点特定番号';
COMMENT ON COLUMN wall.point.customer_code IS 'お客さまコード';
COMMENT ON COLUMN wall.point.due_on IS '刻印を改める最初の日';

COMMENT ON TABLE wall.holding IS '供給区間: 供給者の履歴から導いた、誰の期間か';
COMMENT ON COLUMN wall.holding.held IS '供給した期間';

COMMENT ON TABLE wall.live_ticket IS 'いま開いている閲覧票。行のポリシーが読むのはこれだけ';
COMMENT ON COLUMN wall.live_ticket.xid IS '書いたトランザクション';
COMMENT ON COLUMN wall.live_ticket.proof_hash IS 'サインインの証拠のハッシュ';
COMMENT ON COLUMN wall.live_ticket.login IS 'この票で読めるログイン';
COMMENT ON COLUMN wall.live_ticket.viewer_org IS '利用者の会社';
COMMENT ON COLUMN wall.live_ticket.opened IS '開いた時刻';
COMMENT ON COLUMN wall.live_ticket.expires IS '期限';
COMMENT ON COLUMN wall.live_ticket.kind IS '票の種類';
COMMENT ON COLUMN wall.live_ticket.action IS '書き込みの操作';
COMMENT ON COLUMN wall.live_ticket.a IS '区分 A を与えた供給地点';
COMMENT ON COLUMN wall.live_ticket.b IS '区分 B を与えた供給地点';
COMMENT ON COLUMN wall.live_ticket.c IS '区分 C を与えた供給地点';
COMMENT ON COLUMN wall.live_ticket.d IS '区分 D を与えた供給地点';
COMMENT ON COLUMN wall.live_ticket.e IS '区分 E を与えた供給地点';
COMMENT ON COLUMN wall.live_ticket.f IS '区分 F を与えた供給地点';
COMMENT ON COLUMN wall.live_ticket.g IS '区分 G を与えた供給地点';
COMMENT ON COLUMN wall.live_ticket.h IS '区分 H を与えた供給地点';
COMMENT ON COLUMN wall.live_ticket.i IS '区分 I を与えた供給地点';
COMMENT ON COLUMN wall.live_ticket.j IS '区分 J を与えた供給地点';
COMMENT ON COLUMN wall.live_ticket.s IS '区分 S を与えた供給地点';
COMMENT ON COLUMN wall.live_ticket.spans IS '供給地点ごとの期間';

COMMENT ON TABLE wall.stated_purpose IS 'いま効いている利用目的の申告';
COMMENT ON COLUMN wall.stated_purpose.session IS 'サインイン';
COMMENT ON COLUMN wall.stated_purpose.scope IS 'お客さまコード。* は一覧と検索';
COMMENT ON COLUMN wall.stated_purpose.code IS '利用目的';
COMMENT ON COLUMN wall.stated_purpose.reference IS '根拠の番号';
COMMENT ON COLUMN wall.stated_purpose.verified IS '番号を案件で確かめられたか';
COMMENT ON COLUMN wall.stated_purpose.expires IS '効力の終わり';

COMMENT ON TABLE wall.preference IS '好み: 利用者ごとの画面の設定';
COMMENT ON COLUMN wall.preference.person IS '利用者';
COMMENT ON COLUMN wall.preference.language IS '表示の言語';
COMMENT ON COLUMN wall.preference.enter IS 'Enter キーの働き';
COMMENT ON COLUMN wall.preference.density IS '行の詰め方';

COMMENT ON TABLE wall.search_spelling IS '検索の鍵のつづり方の版';
COMMENT ON COLUMN wall.search_spelling.one IS '一行だけであることの印';
COMMENT ON COLUMN wall.search_spelling.version IS '版';

COMMENT ON TABLE reception.taken IS '手元の案件: 「次へ」で取った案件。ほかの人には渡らない';
COMMENT ON COLUMN reception.taken.application IS '申込';
COMMENT ON COLUMN reception.taken.person IS '取った人';
COMMENT ON COLUMN reception.taken.session IS 'その人のサインイン（証明のハッシュ）';
COMMENT ON COLUMN reception.taken.until IS 'この時刻まで。過ぎればまた取れる';
RESET ROLE;
SET LOCAL ROLE searcher;

COMMENT ON TABLE search.entry IS '検索の鍵: カナ氏名と、異動通知の新しい順';
COMMENT ON COLUMN search.entry.list IS 'kana か notice か';
COMMENT ON COLUMN search.entry.sort_key IS '並び順';
COMMENT ON COLUMN search.entry.number IS '供給地点特定番号: 名を見せない人のための並び順';
COMMENT ON COLUMN search.entry.words IS '探す語の元。カナの一覧では並び順と同じ';
COMMENT ON COLUMN search.entry.grams IS 'カナ氏名の二文字ずつ';
RESET ROLE;
COMMENT ON TABLE log.erasure IS '消去: 入力された文字を消す求めと承認。足すことしかできない';
COMMENT ON COLUMN log.erasure.erasure IS '求めの受付番号。控えから戻った文字だけを消したときは空';
COMMENT ON COLUMN log.erasure.step IS '段階: 求め・承認・もう一度';
COMMENT ON COLUMN log.erasure.receipt IS 'この段階の受付番号';
COMMENT ON COLUMN log.erasure.day IS 'この段階の日';
COMMENT ON COLUMN log.erasure.at IS 'この段階の時刻';
COMMENT ON COLUMN log.erasure.person IS '行った人。配備のログインなら空';
COMMENT ON COLUMN log.erasure.appointment IS '行った人の発令';
COMMENT ON COLUMN log.erasure.target_day IS '消す文字の閲覧票の日';
COMMENT ON COLUMN log.erasure.target IS '消す文字の閲覧票の受付番号';
COMMENT ON COLUMN log.erasure.law IS '根拠の条文。もう一度のときは、だれが';
COMMENT ON COLUMN log.erasure.reason IS '理由';
COMMENT ON COLUMN log.erasure.expires IS '承認の期限';
COMMENT ON COLUMN log.erasure.xid IS '書いたトランザクション';
COMMENT ON TABLE log.retention IS '保存の規則: どの日から何年保つか。足すことしかできない';
COMMENT ON COLUMN log.retention.no IS '規則の番号';
COMMENT ON COLUMN log.retention.valid_from IS 'この日から効く';
COMMENT ON COLUMN log.retention.years IS '保つ年数';
COMMENT ON COLUMN log.retention.label IS '規則の名前（EXAMPLE は例示）';
COMMENT ON COLUMN log.retention.who IS 'だれが決めたか';
COMMENT ON COLUMN log.retention.reason IS '理由';
COMMENT ON COLUMN log.retention.at IS '書いた時刻';
COMMENT ON COLUMN log.retention.xid IS '書いたトランザクション';
COMMENT ON TABLE log.hold IS '保全: 規則の年数が過ぎても消さない日と、その解除。足すことしかできない';
COMMENT ON COLUMN log.hold.no IS '保全の番号';
COMMENT ON COLUMN log.hold.releases IS '解除する保全の番号。空なら保全の始まり';
COMMENT ON COLUMN log.hold.from_day IS 'この日から';
COMMENT ON COLUMN log.hold.to_day IS 'この日の前まで';
COMMENT ON COLUMN log.hold.who IS 'だれが決めたか';
COMMENT ON COLUMN log.hold.reason IS '理由';
COMMENT ON COLUMN log.hold.at IS '書いた時刻';
COMMENT ON COLUMN log.hold.xid IS '書いたトランザクション';
COMMENT ON TABLE log.deletion IS '削除: 規則の年数が過ぎて消した日。足すことしかできない';
COMMENT ON COLUMN log.deletion.no IS '削除の番号';
COMMENT ON COLUMN log.deletion.day IS '消した日';
COMMENT ON COLUMN log.deletion.at IS '消した時刻';
COMMENT ON COLUMN log.deletion.rule IS '効いていた規則の番号';
COMMENT ON COLUMN log.deletion.years IS 'その規則の年数';
COMMENT ON COLUMN log.deletion.label IS 'その規則の名前';
COMMENT ON COLUMN log.deletion.who IS 'だれが消したか';
COMMENT ON COLUMN log.deletion.leaves IS '消した記録の数';
COMMENT ON COLUMN log.deletion.parts IS '消した記録の番号の範囲・数・ハッシュ。葉の日ごと';
COMMENT ON COLUMN log.deletion.digest IS '締めた時のファイルのハッシュ';
COMMENT ON COLUMN log.deletion.xid IS '書いたトランザクション';
COMMENT ON TABLE reception.application IS '申込: 届いた内容と、いまの状態';
COMMENT ON COLUMN reception.application.number IS '受付番号。日付と乱数で、件数を明かさない';
COMMENT ON COLUMN reception.application.procedure IS '手続き';
COMMENT ON COLUMN reception.application.sender IS '申し込んだ会社';
COMMENT ON COLUMN reception.application.supply_point IS '書かれた供給地点特定番号';
COMMENT ON COLUMN reception.application.content IS '内容（wire.py の形）';
COMMENT ON COLUMN reception.application.day IS '効力日';
COMMENT ON COLUMN reception.application.received_at IS '受け付けた業務上の時刻';
COMMENT ON COLUMN reception.application.amended_at IS '最後に変更した業務上の時刻';
COMMENT ON COLUMN reception.application.state IS '状態';
COMMENT ON COLUMN reception.application.since IS 'その状態になった業務上の時刻';
COMMENT ON COLUMN reception.application.due IS '期限';
COMMENT ON COLUMN reception.application.wake_on IS 'ひとりでに動くかもしれない次の日';
COMMENT ON COLUMN reception.application.counterparts IS '相手の会社';
COMMENT ON COLUMN reception.application.partner IS '照合した相手の受付番号';
COMMENT ON COLUMN reception.application.refusals IS '拒否の理由';
COMMENT ON COLUMN reception.application.named IS '内容が挙げるほかの申込';
COMMENT ON COLUMN reception.application.via IS 'どこから届いたか（画面、API、ファイル、紙）';
COMMENT ON COLUMN reception.application.person IS '登録した利用者';
COMMENT ON COLUMN reception.application.receipt IS '登録の閲覧票';
COMMENT ON COLUMN reception.application.request_key IS '冪等キー';
COMMENT ON COLUMN reception.application.request_hash IS '登録した内容のハッシュ';
COMMENT ON COLUMN reception.application.open IS 'まだ動くかどうか';
COMMENT ON COLUMN reception.application.tries IS '続けて進められなかった回数';
COMMENT ON COLUMN reception.application.retry_at IS '次に試す時刻';
COMMENT ON TABLE reception.move IS '申込の動き: 足すことしかしない';
COMMENT ON COLUMN reception.move.application IS '申込';
COMMENT ON COLUMN reception.move.event IS '出来事';
COMMENT ON COLUMN reception.move.source IS '前の状態';
COMMENT ON COLUMN reception.move.target IS '後の状態';
COMMENT ON COLUMN reception.move.actor IS '動かした人';
COMMENT ON COLUMN reception.move.instruction IS 'もとになった回答・指示';
COMMENT ON COLUMN reception.move.at IS '業務上の時刻';
COMMENT ON COLUMN reception.move.recorded IS '書いた時刻';
COMMENT ON COLUMN reception.move.day IS '効力日';
COMMENT ON COLUMN reception.move.due IS '期限';
COMMENT ON COLUMN reception.move.refusals IS '拒否の理由';
COMMENT ON COLUMN reception.move.effect IS '効果';
COMMENT ON COLUMN reception.move.told IS '知らせた相手';
COMMENT ON TABLE reception.instruction IS '回答と指示: 次に進めるときに行う';
COMMENT ON COLUMN reception.instruction.application IS '申込';
COMMENT ON COLUMN reception.instruction.event IS '出来事';
COMMENT ON COLUMN reception.instruction.org IS '回答・指示した会社';
COMMENT ON COLUMN reception.instruction.person IS '回答・指示した利用者';
COMMENT ON COLUMN reception.instruction.receipt IS 'その閲覧票';
COMMENT ON COLUMN reception.instruction.reason IS '不承諾の理由';
COMMENT ON COLUMN reception.instruction.at IS '業務上の時刻';
COMMENT ON COLUMN reception.instruction.done_at IS '行った時刻';
COMMENT ON COLUMN reception.instruction.refusals IS '行えなかった理由';
COMMENT ON TABLE reception.copy IS '当事者の写し: その会社が知ってよいことだけ';
COMMENT ON COLUMN reception.copy.application IS '申込';
COMMENT ON COLUMN reception.copy.party IS '写しを持つ会社';
COMMENT ON COLUMN reception.copy.role IS '申込者か、取次先か';
COMMENT ON COLUMN reception.copy.confidential IS '取次に回答する職務だけが見る';
COMMENT ON COLUMN reception.copy.number IS '受付番号';
COMMENT ON COLUMN reception.copy.procedure IS '手続き';
COMMENT ON COLUMN reception.copy.supply_point IS '書かれた供給地点特定番号';
COMMENT ON COLUMN reception.copy.content IS '見てよい内容';
COMMENT ON COLUMN reception.copy.day IS '効力日';
COMMENT ON COLUMN reception.copy.received_at IS '受け付けた業務上の時刻';
COMMENT ON COLUMN reception.copy.state IS '状態';
COMMENT ON COLUMN reception.copy.since IS 'その状態になった業務上の時刻';
COMMENT ON COLUMN reception.copy.due IS '期限';
COMMENT ON COLUMN reception.copy.refusals IS '見てよい拒否の理由';
COMMENT ON TABLE reception.contract IS '接続供給契約と BG コード';
COMMENT ON COLUMN reception.contract.retailer IS '小売';
COMMENT ON COLUMN reception.contract.balancing_groups IS '名指せる BG コード';
COMMENT ON COLUMN reception.contract.valid IS '契約の期間';
COMMENT ON TABLE points.planned IS '決まった異動: その日から先は、効果が出るまでだれの供給地点でもない';
COMMENT ON COLUMN points.planned.application IS 'もとになった申込';
COMMENT ON COLUMN points.planned.day IS '効力日';
COMMENT ON COLUMN wall.live_ticket.cases IS '名指した申込';
