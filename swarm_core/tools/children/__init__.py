"""Programs run as processes of their own, for work whose time nobody can bound in advance.

Each is started as a bare script (`python -I -S`: no site packages, no environment), so it cannot
reach secrets of its parent and uses the standard library only; the reader of PDF is told where its
library lies. They speak frames on standard
input and output and have limits on processor time and memory.
"""
