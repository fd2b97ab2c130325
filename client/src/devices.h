#ifndef DC_CLIENT_DEVICES_H
#define DC_CLIENT_DEVICES_H
/* --list-devices: displays, sound, game controllers and decoders, with the names and numbers that options take. */

/* Prints to stdout; what cannot be asked says why. */
void dc_devices_print(void);

#endif
