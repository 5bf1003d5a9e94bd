import sys, queue, numpy as np
import tritonclient.grpc as g
from tritonclient.utils import InferenceServerException
url,path=sys.argv[1],sys.argv[2]; jpeg=open(path,'rb').read()
c=g.InferenceServerClient(url)
assert c.is_server_live() and c.is_server_ready() and c.is_model_ready('cifar10-cnn')
print(c.get_server_metadata().extensions[:2], c.get_model_metadata('cifar10-cnn').inputs[0])
cfg=c.get_model_config('cifar10-cnn').config; assert cfg.max_batch_size==256 and cfg.input[0].data_type==2, cfg
print(c.get_model_repository_index().models[0])
px=np.random.default_rng(1).integers(0,256,(5,32,32,3),dtype=np.uint8)
def inp(name,a,dt):
    i=g.InferInput(name,list(a.shape),dt); i.set_data_from_numpy(a); return i
base=c.infer('cifar10-cnn',[inp('pixels',px,'UINT8')],request_id='q'); assert base.get_response().id=='q'
base=base.as_numpy('probabilities'); assert base.shape==(5,10)
f=(px/np.float32(255)).astype(np.float32)
assert np.abs(c.infer('cifar10-cnn',[inp('pixels',f,'FP32')]).as_numpy('probabilities')-base).max()<1e-5
print('fp16',np.abs(c.infer('cifar10-cnn',[inp('pixels',f.astype(np.float16),'FP16')]).as_numpy('probabilities')-base).max())
print(c.infer('cifar10-cnn',[inp('image',np.array([jpeg,jpeg],dtype=np.object_),'BYTES')]).as_numpy('label'))
r=c.infer('cifar10-cnn',[inp('pixels',px,'UINT8')],outputs=[g.InferRequestedOutput('label'),g.InferRequestedOutput('probabilities',class_count=3)])
print(r.as_numpy('label')[:2], r.as_numpy('probabilities')[0])
big=np.repeat(px,40,axis=0); assert np.array_equal(c.infer('cifar10-cnn',[inp('pixels',big,'UINT8')]).as_numpy('probabilities')[-5:],base[[4]*5])
one=px[:1]; assert np.array_equal(c.infer('cifar10-cnn',[inp('pixels',one,'UINT8')],client_timeout=9).as_numpy('probabilities'),base[:1])
q=queue.Queue()
for i in range(5): c.async_infer('cifar10-cnn',[inp('pixels',px,'UINT8')],callback=lambda result,error: q.put((result,error)))
for i in range(5):
    res,err=q.get(timeout=30); assert err is None and np.array_equal(res.as_numpy('probabilities'),base)
c.start_stream(callback=lambda result,error: q.put((result,error)))
for i in range(100): c.async_stream_infer('cifar10-cnn',[inp('pixels',px,'UINT8')],request_id=str(i))
ids=set()
for i in range(100):
    res,err=q.get(timeout=30); assert err is None, err
    assert np.array_equal(res.as_numpy('probabilities'),base); ids.add(res.get_response().id)
assert ids==set(map(str,range(100)))
c.async_stream_infer('nope',[inp('pixels',px,'UINT8')]); res,err=q.get(timeout=30); print('stream error',err); assert err is not None
c.stop_stream()
def bad(f,code):
    try: f()
    except InferenceServerException as e:
        print('  error', e.status(), str(e)[:100]); assert code in str(e.status()), e; return
    raise SystemExit('no error')
bad(lambda: c.infer('nope',[inp('pixels',px,'UINT8')]),'NOT_FOUND')
bad(lambda: c.infer('cifar10-cnn',[inp('pixels',px[:,:31],'UINT8')]),'INVALID')
n=f.copy(); n[3,1,1,1]=np.nan
bad(lambda: c.infer('cifar10-cnn',[inp('pixels',n,'FP32')]),'INVALID')
bad(lambda: c.infer('cifar10-cnn',[inp('pixels',px.astype(np.int32),'INT32')]),'INVALID')
bad(lambda: c.infer('cifar10-cnn',[inp('image',np.array([b'no'],dtype=np.object_),'BYTES')]),'INVALID')
bad(lambda: c.unload_model('fashion-mnist-cnn'),'UNAUTHENTICATED')
bad(lambda: c.infer('cifar10-cnn',[inp('pixels',np.zeros((6000,32,32,3),np.uint8),'UINT8')]),'')
bad(lambda: c.get_system_shared_memory_status(),'UNIMPLEMENTED')
s=c.get_inference_statistics('cifar10-cnn').model_stats[0]; assert s.inference_count==s.inference_stats.success.count>700; print(s.inference_count,s.execution_count)
# bombs and odd messages by the raw channel
import grpc
from tritonclient.grpc import service_pb2 as pb
ch=grpc.insecure_channel(url)
raw=ch.unary_unary('/inference.GRPCInferenceService/ModelInfer',request_serializer=lambda b:b,response_deserializer=pb.ModelInferResponse.FromString)
for name,b in {'empty elements':bytes([0x3a,0])*4_000_000,'garbage':b'\xff'*100,'group':b'\x0b'*5000,'empty':b''}.items():
    try: raw(b,timeout=20); raise SystemExit('accepted '+name)
    except grpc.RpcError as e: print('  ',name,e.code(),e.details()[:80])
m=pb.ModelInferRequest(model_name='cifar10-cnn'); i=m.inputs.add(name='pixels',datatype='UINT8',shape=[1,32,32,3]); i.contents.uint_contents.extend(int(v) for v in px[0].ravel())
assert np.allclose(np.frombuffer(raw(m.SerializeToString()).raw_output_contents[0],np.float32),base[0])
print('all right')
