"""Two lockers with every state that a door can have, and orders with a story: for the office's pages."""

from harness.fake_bridge import now


def door(number, size="S", use="free", state="closed", order=None):
    made = {"number": number, "size": size, "door": state, "use": use,
            "presence": "present" if use == "loaded" else "absent"}
    return {**made, "deliveryId": order} if order else made


def locker(device, doors, status="online", wrong=0):
    return {"device": device, "site": "main", "status": status, "wrongCodes": wrong, "compartments": doors}


def many(count, doors=12):
    """So many lockers, all free."""
    sizes = "SSMSSMSSLSSM"
    return [locker(f"locker-{i}", [door(n + 1, sizes[n % len(sizes)]) for n in range(doors)])
            for i in range(1, count + 1)]


LOBBY = locker("locker-lobby", [
    door(1, "S", "loaded", order=1031), door(2, "S", "loaded", order=1033),
    door(3, "S", "loaded", "open", 1040), door(4, "M", "loaded", "jammed", 1036),
    door(5, "M", "loaded", order=1034), door(6, "S", "assigned", order=1038),
    door(7, "M", "out_of_order"), door(8, "L", "loaded", order=1029), door(9, "S", "assigned", order=1039),
    door(10, "S", "loaded", "ajar", 1037), door(11, "M", "loaded", order=1035),
    door(12, "L", "assigned", order=1032)], wrong=2)
GARAGE = locker("locker-b1", [
    door(1, "L", "loaded", order=1030), door(2, "L"), door(3, "S", "assigned", "opening", 1042),
    door(4, "S", "assigned", order=1041), door(5, "L", "loaded", order=1027), door(6, "M"),
    door(7, "S", "loaded", order=1008), door(8), door(9, state="unknown"), door(10, state="unknown"),
    door(11, "M", state="unknown")])
SILENT = locker("locker-b2", [door(1, "S"), door(2, "S", "loaded", order=1005), door(3, "M"),
                              door(4, "L")], status="offline")

GOODS = ["Laptop 14″", "Docking station", "Monitor 27″", "Projector"]
STATES = [("RESERVED", "RESERVED"), ("PICKED", "PICKED"), ("READY", "READY"), ("DELIVERED", "DELIVERED"),
          ("CANCELED_OutOfStock", None), ("READY", "RETURNING"), ("EXPIRED", "EXPIRED"), ("CANCELED", None)]


def order(number):
    rental, delivery = STATES[number % len(STATES)]
    made = {"id": number, "rentalId": number, "productId": number % 4 + 1, "productName": GOODS[number % 4],
            "rentalQty": 1 + number % 2, "rentalStatus": rental, "orderedAt": "2026-01-31T12:00:00.000Z",
            "updatedAt": "2026-01-31T12:20:00.000Z"}
    if delivery:
        made["deliveryStatus"] = delivery
    if delivery in ("READY", "RETURNING", "PICKED"):
        made.update(locker="locker-b1", compartment=3)
    if rental == "CANCELED_OutOfStock":
        made["reason"] = "6 ordered, 3 available"
    return made


def step(at, source, kind, **rest):
    return {"at": f"2026-01-31T{at}Z", "source": source, "type": kind, **rest}


STORY = [
    step("12:00:02.114", "rental", "RentalOrdered", status="ORDERED"),
    step("12:00:02.118", "delivery", "DeliveryRequested", status="REQUESTED"),
    step("12:00:02.121", "stock", "StockReserved"),
    step("12:00:02.124", "delivery", "DeliveryUpdated", status="RESERVED"),
    step("12:00:02.126", "rental", "RentalUpdated", status="RESERVED"),
    step("12:11:05.412", "stock", "StockPicked", actor="scanner-1"),
    step("12:11:05.415", "delivery", "DeliveryUpdated", status="PICKED",
         reason="locker-lobby has no free compartment; the goods come into locker-b1"),
    step("12:11:05.418", "rental", "RentalUpdated", status="PICKED"),
    step("12:11:06.020", "delivery", "DeliveryUpdated", status="PICKED", locker="locker-b1", compartment=3),
    step("12:22:51.984", "stock", "CompartmentRequested", actor="scanner-1", locker="locker-b1", compartment=3),
    step("12:22:52.391", "delivery", "DoorReported", status="opened", by="command", locker="locker-b1",
         compartment=3),
    step("12:23:08.702", "delivery", "DoorReported", status="closed", locker="locker-b1", compartment=3),
    step("12:23:08.705", "delivery", "DeliveryUpdated", status="READY", locker="locker-b1", compartment=3),
    step("12:23:08.709", "rental", "RentalUpdated", status="READY"),
]


LETTERS = [
    {"id": 3, "source": "product", "seq": 41, "type": "ProductSaved", "subject": "product/7", "code": "invalid",
     "reason": "/registeredQty must be a whole number from 0 to 1000000, not -7", "parkedAt": now()},
    {"id": 4, "source": "product", "seq": 44, "type": "ProductSaved", "subject": "product/7", "code": "refused",
     "reason": "waits behind an earlier dead letter of product/7", "parkedAt": now()},
    {"id": 5, "source": "delivery", "seq": 907, "type": "DeliveryUpdated", "subject": "delivery/1040",
     "code": "conflict", "reason": "", "parkedAt": now()}]


def device(name, kind="scanner", age_s=4, **rest):
    """As GET /devices has one that is online."""
    made = {"device": name, "kind": kind, "missing": 0, "heardAt": now(-age_s), **rest}
    if kind != "station":
        made = {"status": "online", "since": now(-7200), "firmware": "0.3.0", "starts": 3, "bounced": 0,
                "unreadable": 0, "overflowed": 0, **made}
    return {"scans": 61, "refused": 2, "failed": 0, **made} if kind != "locker" else {"wrongCodes": 0, **made}


SCANNERS = [
    device("scanner-1", scans=412, refused=9, doing="pick", rentalId=1038, tote="T-12", scannedAt=now(-11),
           result="accepted", signal="ok", prompt="Scan Laptop 14, 1 more", bounced=3),
    device("scanner-2", age_s=26, missing=37, firmware="0.2.0", overflowed=4, dropped=1204, twinsAt=now(-60)),
    device("scanner-10", age_s=172800, status="offline", since=now(-172800), scans=12),
    device("desk-1", "station", doing="return", rentalId=1027, scannedAt=now(-75), result="wrong_item",
           signal="error", prompt="Not of order 1027")]
LOCKERS = [device("locker-lobby", "locker", wrongCodes=2), device("locker-b1", "locker", age_s=1, protocol=1),
           device("locker-b2", "locker", age_s=540, status="offline", since=now(-450)),
           device("locker-c1", "locker", age_s=2, wrongCodes=7, pausedUntil=now(3600)),
           device("locker-c2", "locker", age_s=3)]


def fill(bridge):
    """All of it into a fake bridge."""
    bridge.answers["/devices/delivery/locker-lobby"] = {
        **LOCKERS[0], "outOfService": [{"compartment": 7, "since": now(-3600)}]}
    bridge.devices("stock", SCANNERS)
    bridge.devices("delivery", LOCKERS)
    bridge.letters("rental", LETTERS)
    bridge.letters("stock", LETTERS[:1])
    products = [{"id": i + 1, "name": name, "qty": qty, "registeredQty": 40 - 9 * i, "version": 3,
                 "tracking": "bulk" if i % 2 else "serialised", "size": "SSLM"[i]}
                for i, (name, qty) in enumerate(zip(GOODS, (13, 23, 1, 0)))]
    bridge.lists["products"] = products
    bridge.lists["assets"] = [
        {"id": i, "label": f"asset:LT-{i:04}", "productId": 1, "version": 1, "updatedAt": now(), **rest}
        for i, rest in enumerate([
            {"state": "on_shelf", "place": "bin:A1-03"}, {"state": "picked", "place": "tote:T-12", "rentalId": 1042},
            {"state": "in_locker", "place": "compartment:locker-b1/03", "rentalId": 1042},
            {"state": "on_hire", "place": "customer:1027", "rentalId": 1027},
            {"state": "quarantine", "place": "quarantine:Q1"}, {"state": "received", "place": "dock:scanner-3"},
            {"state": "checked", "place": "dock:scanner-3"},
            {"state": "returned", "place": "compartment:locker-b1/07"}], 1)]
    bridge.lists["myOrders"] = [order(number) for number in range(1000, 1043)]
    for one in bridge.lists["myOrders"]:
        bridge.answers[f"/myOrders/{one['id']}"] = one
        bridge.answers[f"/myOrders/{one['id']}/story"] = {"_embedded": {"steps": STORY}}
    for i, name in enumerate(GOODS):
        qty = products[i]["qty"]
        left = products[i]["registeredQty"] - qty
        bridge.tell("StockChanged", f"stock/{i + 1}", {
            "productId": i + 1, "registration": 1, "registeredQty": products[i]["registeredQty"],
            "availableQty": qty, "reservedQty": left // 3, "rentedQty": left - left // 3, "version": 9})
        bridge.tell("ProductSaved", f"product/{i + 1}", {**products[i], "name": name, "registration": 1})
    for one in (LOBBY, GARAGE, SILENT):
        bridge.locker(one)
    doors = [("locker-b1", {"what": "board_silent", "board": 2}),
             ("locker-lobby", {"what": "jammed", "by": "code", "compartment": 4, "deliveryId": 1036}),
             ("locker-lobby", {"what": "wrong_code", "by": "code", "refusal": "wrong_code"}),
             ("locker-lobby", {"what": "open_too_long", "compartment": 10, "deliveryId": 1037}),
             ("locker-lobby", {"what": "opened", "by": "code", "compartment": 3, "deliveryId": 1040}),
             ("locker-b1", {"what": "opened", "by": "command", "compartment": 3, "deliveryId": 1042}),
             ("locker-b1", {"what": "closed", "compartment": 3, "deliveryId": 1042, "presence": "present"})]
    for device, rest in doors:
        bridge.report(locker=device, **rest)
    bridge.tell("OrderChanged", "order/1042", bridge.answers["/myOrders/1042"])


def flood(bridge, i):
    """The i-th of very many events, of all kinds."""
    if i % 3 == 0:
        bridge.tell("OrderChanged", f"order/{1000 + i % 43}", order(1000 + i % 43))
    elif i % 3 == 1:
        bridge.report(locker="locker-b1", what="opened", compartment=1 + i % 11, deliveryId=i)
    else:
        bridge.tell("StockChanged", f"stock/{i % 4 + 1}", {
            "productId": i % 4 + 1, "registration": 1, "registeredQty": 40, "availableQty": i % 40,
            "reservedQty": 40 - i % 40, "rentedQty": 0, "version": 10 + i})
