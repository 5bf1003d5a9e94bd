import sys, asyncio, numpy as np
import tritonclient.http as http
from tritonclient.utils import InferenceServerException
url=sys.argv[1]; jpeg=open(sys.argv[2],'rb').read()
c=http.InferenceServerClient(url, concurrency=5)
assert c.is_server_live() and c.is_server_ready() and c.is_model_ready('cifar10-cnn')
assert not c.is_model_ready('nope')
print(c.get_server_metadata()['extensions'])
m=c.get_model_metadata('cifar10-cnn'); v=m['versions'][0]
print(m['inputs'], c.get_model_config('cifar10-cnn')['max_batch_size'])
print(c.get_model_repository_index()[0])
rng=np.random.default_rng(1); px=rng.integers(0,256,(5,32,32,3),dtype=np.uint8)
def inp(name,a,dt,binary=True):
    i=http.InferInput(name,list(a.shape),dt); i.set_data_from_numpy(a,binary_data=binary); return i
base=None
for a,dt,b in [(px,'UINT8',True),(px,'UINT8',False),((px/np.float32(255)).astype(np.float32),'FP32',True),((px/np.float32(255)).astype(np.float32),'FP32',False)]:
    r=c.infer('cifar10-cnn',[inp('pixels',a,dt,b)],request_id='q')
    p=r.as_numpy('probabilities')
    assert p.shape==(5,10) and r.get_response()['id']=='q', r.get_response()
    if base is None: base=p
    print(dt,b,np.abs(p-base).max(), r.as_numpy('label'), r.as_numpy('class_id'))
    assert np.abs(p-base).max()<1e-5
h=c.infer('cifar10-cnn',[inp('pixels',(px/255).astype(np.float16),'FP16')]).as_numpy('probabilities'); print('fp16',np.abs(h-base).max())
im=c.infer('cifar10-cnn',[inp('image',np.array([jpeg,jpeg],dtype=np.object_),'BYTES')]); print(im.as_numpy('label'))
o=[http.InferRequestedOutput('label',binary_data=False),http.InferRequestedOutput('probabilities',class_count=3)]
r=c.infer('cifar10-cnn',[inp('pixels',px,'UINT8')],outputs=o); print(r.as_numpy('label')[:2], r.as_numpy('probabilities')[0])
for algo in ('gzip','deflate'):
    assert np.array_equal(c.infer('cifar10-cnn',[inp('pixels',px,'UINT8')],request_compression_algorithm=algo,response_compression_algorithm=algo).as_numpy('probabilities'),base)
hs=[c.async_infer('cifar10-cnn',[inp('pixels',px,'UINT8')]) for _ in range(5)]
assert all(np.array_equal(x.get_result().as_numpy('probabilities'),base) for x in hs)
big=np.repeat(px,40,axis=0); assert np.array_equal(c.infer('cifar10-cnn',[inp('pixels',big,'UINT8')]).as_numpy('probabilities')[-5:],base[[4]*5])
def bad(f,*words):
    try: f()
    except InferenceServerException as e:
        print('  error', e.status(), e.message()[:110]); return
    raise SystemExit('no error')
bad(lambda: c.infer('nope',[inp('pixels',px,'UINT8')]))
bad(lambda: c.infer('cifar10-cnn',[inp('pixels',px[:,:31],'UINT8')]))
bad(lambda: c.infer('cifar10-cnn',[inp('pixels',px.astype(np.int32),'INT32')]))
n=(px/255).astype(np.float32); n[3,1,1,1]=np.nan
bad(lambda: c.infer('cifar10-cnn',[inp('pixels',n,'FP32')]))
bad(lambda: c.infer('cifar10-cnn',[inp('x',px,'UINT8')]))
bad(lambda: c.infer('cifar10-cnn',[inp('pixels',px,'UINT8')],outputs=[http.InferRequestedOutput('x')]))
bad(lambda: c.infer('cifar10-cnn',[inp('image',np.array([b'no'],dtype=np.object_),'BYTES')]))
bad(lambda: c.load_model('cifar10-cnn')); bad(lambda: c.get_system_shared_memory_status())
s=c.get_inference_statistics('cifar10-cnn')['model_stats'][0]; print({k:s[k] for k in ('inference_count','execution_count')}, s['inference_stats']['success'])
import tritonclient.http.aio as aio
async def go():
    async with aio.InferenceServerClient(url) as a:
        i=aio.InferInput('pixels',list(px.shape),'UINT8'); i.set_data_from_numpy(px)
        assert await a.is_server_ready()
        await a.get_model_metadata('cifar10-cnn'); await a.get_model_repository_index()
        r=await asyncio.gather(*[a.infer('cifar10-cnn',[i]) for _ in range(5)])
        assert all(np.array_equal(x.as_numpy('probabilities'),base) for x in r)
        i.set_data_from_numpy(px,binary_data=False)
        assert np.abs((await a.infer('cifar10-cnn',[i])).as_numpy('probabilities')-base).max()<1e-6
asyncio.run(go()); print('all right')
