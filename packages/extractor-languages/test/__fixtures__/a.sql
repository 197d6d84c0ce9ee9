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
create view cheap as select 1
