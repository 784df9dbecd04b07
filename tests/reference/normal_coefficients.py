# fit minimax-ish polynomials: log(1+m)/m on [-1/3,1/3]; inverse normal z/(1-2t) as poly of s = sqrt(w+6)-mid, w=-log(4t(1-t))
import numpy as np
from scipy.special import ndtri
from numpy.polynomial import chebyshev as C, polynomial as P
def remez_like(f,a,b,deg,weight,iters=60):
    # Lawson iteratively reweighted least squares
    x=np.cos(np.linspace(0,np.pi,20001))*(b-a)/2+(a+b)/2
    y=f(x); w=np.ones_like(x); u=(2*x-a-b)/(b-a)
    V=C.chebvander(u,deg); best=None
    for _ in range(iters):
        W=np.sqrt(w)*weight(x)
        c=np.linalg.lstsq(V*W[:,None],y*W,rcond=None)[0]
        e=np.abs((V@c-y)*weight(x)); 
        if best is None or e.max()<best[0]: best=(e.max(),c)
        w=w*e; w/=w.sum()
    return best,(a,b)
def to_poly(c,a,b,center=0.):
    p=C.cheb2poly(c); # in u=(2x-a-b)/(b-a)
    q=np.array([0.]); lin=np.array([(-a-b+2*center)/(b-a),2/(b-a)])
    out=np.array([0.]); pw=np.array([1.])
    for ci in p: 
        out=P.polyadd(out,ci*pw); pw=P.polymul(pw,lin)
    return out[::-1]
lo,hi=2/3-1,4/3-1
(b,_)=remez_like(lambda m: np.where(np.abs(m)<1e-12,1,np.log1p(m)/np.where(m==0,1,m)),lo,hi,8,lambda x:np.ones_like(x))
print('log err',b[0]); print([float('%.10g'%v) for v in to_poly(b[1],lo,hi)])
tmin=0.5*2**-32; wmax=-np.log(4*tmin*(1-tmin)); 
sh=6.0; s0,s1=np.sqrt(sh),np.sqrt(wmax+sh); mid=(s0+s1)/2
def g(s):
    w=s**2-sh; w=np.maximum(w,1e-14)
    # 4t(1-t)=exp(-w) -> t=(1-sqrt(1-e^-w))/2 = e^-w/(2(1+sqrt(1-e^-w)))
    r=np.sqrt(-np.expm1(-w)); t=np.exp(-w)/(2*(1+r))
    return -ndtri(t)/r
for deg in (8,9,10):
    (b,_)=remez_like(g,s0,s1,deg,lambda s: np.sqrt(-np.expm1(-np.maximum(s**2-sh,1e-14)))**1)
    print(deg,'abs err',b[0])
    if deg==9: print('mid',mid,[float('%.10g'%v) for v in to_poly(b[1],s0,s1,mid)])
