CREATE ROLE medflow_migrator LOGIN CREATEROLE PASSWORD '…';
CREATE DATABASE hospital OWNER medflow_migrator;
