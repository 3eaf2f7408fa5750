// A library of a program that uses NNG's sockets.
int nng_listen(void);
int uses_sockets(void);
int uses_sockets(void) { return nng_listen(); }
