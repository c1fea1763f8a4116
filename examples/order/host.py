#!/usr/bin/env python3
"""Host functions of the order example, one process for each call.

usage: host.py FUNCTION <input.json >answer.json

The input and the answer are JSON. A failure is a message on standard error and exit code 1. The
Command's id comes in $MOONLET_COMMAND_ID; a Command that was answered before gets the same answer
again, and nothing is done twice. The database is $ORDER_DB, or shop.db beside this file.
"""

import json
import os
import pathlib
import sqlite3
import sys


class Refused(Exception):
    """An answer that the script sees as an error."""


def get_user(db, command_id, user_id):
    row = db.execute("SELECT id, name, email FROM users WHERE id = ?", [user_id]).fetchone()
    if row is None:
        raise Refused(f"there is no user {user_id}")
    return dict(row)


def reserve(db, command_id, order_id):
    order = db.execute("SELECT item, amount FROM orders WHERE id = ?", [order_id]).fetchone()
    if order is None:
        raise Refused(f"there is no order {order_id}")
    taken = db.execute("UPDATE stock SET available = available - 1 WHERE item = ? AND available > 0",
                       [order["item"]])
    if taken.rowcount == 0:
        raise Refused(f"{order['item']} is sold out")
    reservation = db.execute(
        "INSERT INTO reservations (command_id, order_id, item) VALUES (?, ?, ?)",
        [command_id, order_id, order["item"]])
    return {"id": reservation.lastrowid, **dict(order)}


def release(db, command_id, reservation_id):
    freed = db.execute(
        "UPDATE reservations SET released_by = ? WHERE id = ? AND released_by IS NULL RETURNING item",
        [command_id, reservation_id]).fetchone()
    if freed is None:
        raise Refused(f"reservation {reservation_id} is not held")
    db.execute("UPDATE stock SET available = available + 1 WHERE item = ?", [freed["item"]])
    return {"released": freed["item"]}


def charge(db, command_id, order_id, user_id, amount, currency):
    card = db.execute("SELECT card FROM users WHERE id = ?", [user_id]).fetchone()
    if card is None or card["card"] != "good":
        raise Refused("the card was declined")
    charged = db.execute(
        "INSERT INTO charges (command_id, order_id, user_id, amount, currency) VALUES (?, ?, ?, ?, ?)",
        [command_id, order_id, user_id, amount, currency])
    return {"id": charged.lastrowid}


def refund(db, command_id, charge_id):
    done = db.execute("UPDATE charges SET refunded_by = ? WHERE id = ? AND refunded_by IS NULL",
                      [command_id, charge_id])
    if done.rowcount == 0:
        raise Refused(f"charge {charge_id} cannot be refunded")
    return {"refunded": charge_id}


def send_email(db, command_id, to=None, subject="", order_id=None):
    if not to:
        raise Refused("there is no address to send to")
    mail = db.execute("INSERT INTO mails (command_id, recipient, subject) VALUES (?, ?, ?)",
                      [command_id, to, subject])
    return {"id": mail.lastrowid}


FUNCTIONS = {
    "get_user": (get_user, {"id": "user_id"}),
    "reserve": (reserve, {"orderId": "order_id"}),
    "release": (release, {"reservationId": "reservation_id"}),
    "charge": (charge, {"orderId": "order_id", "userId": "user_id", "amount": "amount",
                        "currency": "currency"}),
    "refund": (refund, {"chargeId": "charge_id"}),
    "send_email": (send_email, {"to": "to", "subject": "subject", "orderId": "order_id"}),
}


def answer_of(db, name, command_id, payload):
    """(failed, text, line for the log): what the Command was answered before, or is now."""
    known = db.execute("SELECT failed, answer FROM answers WHERE command_id = ?",
                       [command_id]).fetchone()
    if known is not None:
        return bool(known["failed"]), known["answer"], "answered again"
    function, names = FUNCTIONS[name]
    db.execute("SAVEPOINT effects")
    try:
        arguments = {names[key]: value for key, value in payload.items()}
        failed, answer = False, json.dumps(function(db, command_id, **arguments))
    except Refused as refusal:
        db.execute("ROLLBACK TO effects")
        failed, answer = True, str(refusal)
    db.execute("INSERT INTO answers VALUES (?, ?, ?)", [command_id, failed, answer])
    return failed, answer, "refused: " + answer if failed else "done"


def main():
    if len(sys.argv) != 2 or sys.argv[1] not in FUNCTIONS:
        sys.exit("usage: host.py " + "|".join(FUNCTIONS) + " <input.json")
    name = sys.argv[1]
    command_id = os.environ.get("MOONLET_COMMAND_ID")
    if not command_id:
        sys.exit("host.py: MOONLET_COMMAND_ID is not set; it says which Command this is")
    path = os.environ.get("ORDER_DB") or pathlib.Path(__file__).resolve().parent / "shop.db"
    if not os.path.exists(path):
        sys.exit(f"host.py: there is no database {path}; setup.sh creates it")
    text = sys.stdin.read()

    db = sqlite3.connect(path, isolation_level=None)
    db.row_factory = sqlite3.Row
    # One transaction: the effect, the answer and the line in the log are there together or not at all.
    db.execute("BEGIN IMMEDIATE")
    failed, answer, outcome = answer_of(db, name, command_id, json.loads(text))
    db.execute("INSERT INTO calls (command_id, function, input, outcome) VALUES (?, ?, ?, ?)",
               [command_id, name, text.strip(), outcome])
    db.execute("COMMIT")
    if failed:
        sys.exit(answer)
    print(answer)


if __name__ == "__main__":
    main()
