-- Goods.
CREATE TABLE IF NOT EXISTS "shop"."goods" (
  id int, -- it's
  name text DEFAULT 'a;b''c'
);
/* outer /* nested ; */ still ; */
CREATE OR REPLACE FUNCTION total(a int) RETURNS int AS $body$
BEGIN
  SELECT 1; SELECT 2;
END;
$body$ LANGUAGE plpgsql;
INSERT INTO goods VALUES (1, 'pen');
COMMIT;
CREATE TRIGGER sold AFTER INSERT ON goods BEGIN
  UPDATE shop SET count = CASE WHEN 1 THEN 2 END;
  DELETE FROM till;
END;
CREATE UNIQUE INDEX CONCURRENTLY IF NOT EXISTS by_name ON goods (name);
CREATE INDEX ON ONLY goods (id);
CREATE EVENT TRIGGER watched ON ddl_command_end EXECUTE FUNCTION watch();
CREATE ACCESS METHOD columns TYPE TABLE HANDLER read_columns;
CREATE RULE quiet AS ON INSERT TO goods DO INSTEAD NOTHING;
DROP INDEX CONCURRENTLY by_name;
create view cheap as select 1
