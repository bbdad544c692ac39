-- Run once as the superuser: runuser -u postgres -- psql -f roles.sql
\set ON_ERROR_STOP on
CREATE ROLE sen_super LOGIN SUPERUSER PASSWORD '@@sen_super@@';
CREATE ROLE sen_owner LOGIN PASSWORD '@@sen_owner@@';
CREATE ROLE sen_app LOGIN PASSWORD '@@sen_app@@';
CREATE ROLE sen_readonly LOGIN PASSWORD '@@sen_readonly@@';
CREATE ROLE sen_backup LOGIN REPLICATION IN ROLE pg_read_all_data PASSWORD '@@sen_backup@@';
CREATE DATABASE sen OWNER sen_owner TEMPLATE template0 ENCODING 'UTF8'
  LOCALE 'C.UTF-8' LOCALE_PROVIDER icu ICU_LOCALE 'vi';
REVOKE ALL ON DATABASE sen FROM PUBLIC;
GRANT CONNECT ON DATABASE sen TO sen_app, sen_readonly, sen_backup;
