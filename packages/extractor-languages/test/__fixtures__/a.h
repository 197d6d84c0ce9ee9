#ifndef SHOP_H
#define SHOP_H 1
/* How many. */
int size(int shop);
#endif
