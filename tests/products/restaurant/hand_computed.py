"""Deliveries to the restaurant that are small enough to compute its marts by hand, as files by name."""

from __future__ import annotations

# USD  o1 u1 (a loyal line): Margherita 2 x 10 + Cheese 2 x 1.50 = 23; Cola 3, promotion -1 = 2   gross 26, net 25
#      o2 u1:                Margherita 12 (the first delivery said 11)                           net 12
#      o3 u2:                Cola 2 x 3 = 6; Margherita taken back, -2                            gross 6, net 4
#      o4 a guest:           an item without name and category, 9                                 net 9      total 50
# CAD  o5 u1:                Margherita 8 (the earlier version of the line said 7)                net 8
ORDER_ITEMS = b"""\
app_name,restaurant_id,creation_time_utc,order_id,user_id,printed_card_number,is_loyalty,currency,lineitem_id,item_category,item_name,item_price,item_quantity
A,r1,2024-01-01T10:00:05.5Z,o1,,6.78037E+11,false,USD,l2,Drinks,Cola,3.00,1
A,r1,2024-01-01T10:00:06Z,o1, u1 ,************1234,TRUE,usd,l1,Pizza,Margherita,10,2.0
A,r2,2024-01-20 23:59:59,o2,u1,,f,USD,l1,Pizza,Margherita,11.00,1
A,r2,2024-01-20 23:59:59,o2,u1,,f,USD,l1,Pizza,Margherita,11.00,1
A,r1,2024-02-05T12:30:00.123Z,o3,u2,,no,USD,l1,Drinks,Cola,3.000,2
A,r1,2024-02-05T12:30:00.123Z,o3,u2,,no,USD,l2,Pizza,Margherita,-2.00,1
A,r2,2024-02-05T12:45:00Z,o4,"  ",,0,USD,l1,,,9.00,1
A,r1,2024-02-05T13:00:00Z,o5,u1,,0,CAD,l1,Pizza,Margherita,8.00,1
A,r1,2024-02-05T12:59:00Z,o5,u1,,0,CAD,l1,Pizza,Margherita,7.00,1
A,r1,2024-02-05T12:59:00Z,x1,u1,,0,USD,l1,Pizza,price is a word,abc,1
A,r1,2024-02-05T12:59:00Z,x2,u1,,0,USD,l1,Pizza,exponent,1e3,1
A,r1,2024-02-05T12:59:00Z,x3,u1,,0,USD,l1,Pizza,three digits,1.005,1
A,r1,2024-02-05T12:59:00Z,x4,u1,,0,USD,l1,Pizza,price overflows,1000000,1
A,r1,2024-02-05T12:59:00Z,x5,u1,,0,USD,l1,Pizza,quantity overflows,1,40000
A,r1,2024-02-05T12:59:00Z,x6,u1,,0,USD,l1,Pizza,half an item,1,1.5
A,r1,2024-02-05T12:59:00Z,x7,u1,,0,USD, ,Pizza,no line id,1,1
A,r1,2024-02-05T12:59:00Z,,u1,,0,USD,l1,Pizza,no order id,1,1
A,r1,2024-02-30T12:59:00Z,x8,u1,,0,USD,l1,Pizza,impossible day,1,1
A,r1,2024-02-05,x9,u1,,0,USD,l1,Pizza,no time,1,1
A,r1,2024-02-05T12:59:00Z,x10,u1,,0,US,l1,Pizza,two letters,1,1
A,r1,2024-02-05T12:59:00Z,x11,u1,,maybe,USD,l1,Pizza,not a boolean,1,1
A,r1,2024-02-05T12:59:00Z,x12,u1,,0,USD,l1,Pizza,ragged,1
A,r1,2024-02-05T12:59:00Z,x13,u1,,0,USD,l1,Pizza,\xff\xfe undecodable,1,1
A,r1,2024-02-05T12:59:00Z,x14,u1,,0,USD,l1,Pizza,%s,1,1
""" % ("é" * 128).encode()
NEWER_ORDER_ITEMS = b"""\
ITEM_PRICE,ITEM_QUANTITY,ITEM_NAME,ITEM_CATEGORY,LINEITEM_ID,CURRENCY,IS_LOYALTY,PRINTED_CARD_NUMBER,USER_ID,ORDER_ID,CREATION_TIME_UTC,RESTAURANT_ID,APP_NAME,NOTE
12.00,1,Margherita,Pizza,l1,USD,false,,u1,o2,2024-01-20T23:59:59Z,r2,A,"an extra
column"
"""
OPTIONS = b"""\
order_id,lineitem_id,option_group_name,option_name,option_price,option_quantity
o1,l1,Extras,replaced by the newer delivery,9.00,1
o1,l2,,Promotion,-1.00,1
o9,l1,Extras,orphan,5.00,1
"""
NEWER_OPTIONS = OPTIONS.splitlines(keepends=True)[0] + b"o1,l1,Extras,Cheese,1.50,1\no1,l1,Extras,Cheese,1.50,1\n"
DATES = b"""\
date_key,year,month,week,day_of_week,is_weekend,is_holiday,holiday_name
05-02-2024,2024,2,6,Monday,FALSE,TRUE,Opening Day
"""
FILES = {
    "order_items": ORDER_ITEMS,
    "order_items_2": NEWER_ORDER_ITEMS,
    "order_item_options": OPTIONS,
    "order_item_options_2": NEWER_OPTIONS,
    "date_dim": DATES,
}
