-- The world outside of the script: a shop.
CREATE TABLE users (id INTEGER PRIMARY KEY, name TEXT, email TEXT, card TEXT);
CREATE TABLE orders (id INTEGER PRIMARY KEY, item TEXT, amount INTEGER);
CREATE TABLE stock (item TEXT PRIMARY KEY, available INTEGER CHECK (available >= 0));

-- What was done, each with the id of the Command that asked for it: the unique keys are what makes a
-- Command that arrives twice have one effect.
CREATE TABLE reservations (id INTEGER PRIMARY KEY, command_id TEXT UNIQUE NOT NULL, order_id INTEGER,
                           item TEXT, released_by TEXT UNIQUE);
CREATE TABLE charges (id INTEGER PRIMARY KEY, command_id TEXT UNIQUE NOT NULL, order_id INTEGER,
                      user_id INTEGER, amount INTEGER, currency TEXT, refunded_by TEXT UNIQUE);
CREATE TABLE mails (id INTEGER PRIMARY KEY, command_id TEXT UNIQUE NOT NULL, recipient TEXT,
                    subject TEXT);
CREATE TABLE answers (command_id TEXT PRIMARY KEY, failed INTEGER, answer TEXT);

-- Every call that arrived, also one that arrived again.
CREATE TABLE calls (number INTEGER PRIMARY KEY, command_id TEXT, function TEXT, input TEXT,
                    outcome TEXT);

INSERT INTO users VALUES (1, 'Ada', 'ada@example.org', 'good'),
                         (2, 'Bob', 'bob@example.org', 'declined'),
                         (3, 'Cleo', NULL, 'good');
INSERT INTO orders VALUES (42, 'lamp', 1999), (43, 'clock', 4950), (44, 'lamp', 1999);
INSERT INTO stock VALUES ('lamp', 10), ('clock', 3);
