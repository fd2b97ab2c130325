#ifndef DC_COMMAND_SERVER_ISSUE_H
#define DC_COMMAND_SERVER_ISSUE_H
/* `dc-render capability`: prints a capability in hex. argv[0] is "capability". Returns the exit status. */
int dc_issue_main(int argc, char **argv);
#endif
